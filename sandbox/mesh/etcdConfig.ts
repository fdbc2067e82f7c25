import { isIP } from "node:net";
import { parse, stringify } from "yaml";

/** Where a client is to connect for an endpoint of a configuration. */
export interface Route {
  address: string;
  port: number;
}

/** An etcd client's configuration with Cilium's own addition to it. */
interface EtcdConfig {
  endpoints: string[];
  "trusted-ca-file"?: string;
  "key-file"?: string;
  "cert-file"?: string;
  "cilium-host-aliases"?: { hostname: string; ips: string[] }[];
}

/** The port of etcd's clients. */
const defaultPort = 2379;

/**
 * Moves an etcd client's configuration from a container to this machine: paths, and where each endpoint's name leads.
 * A name stays, so that the server's certificate is still checked for it; Cilium's host aliases give it its address.
 *
 * @returns undefined when the text is no such configuration
 */
export async function localEtcdConfig(
  text: string,
  path: (containerPath: string) => string,
  route: (host: string, port: number) => Promise<Route>,
): Promise<string | undefined> {
  const config = parseConfig(text);
  if (!config) return undefined;
  const aliases = new Map<string, string[]>();
  const endpoints: string[] = [];
  for (const endpoint of config.endpoints) {
    const { hostname, port } = new URL(endpoint);
    const to = await route(hostname, Number(port || defaultPort));
    if (!isIP(hostname)) aliases.set(hostname, [to.address]);
    endpoints.push(`https://${isIP(hostname) ? to.address : hostname}:${to.port}`);
  }
  const files = (["trusted-ca-file", "key-file", "cert-file"] as const).flatMap((key) =>
    config[key] === undefined ? [] : [[key, path(config[key])]],
  );
  return stringify({
    endpoints,
    ...Object.fromEntries(files),
    ...(aliases.size > 0 && {
      "cilium-host-aliases": [...aliases].map(([hostname, ips]) => ({ hostname, ips })),
    }),
  });
}

function parseConfig(text: string): EtcdConfig | undefined {
  if (!text.includes("endpoints:")) return undefined;
  const value: unknown = parse(text);
  const isConfig =
    typeof value === "object" && value !== null && Array.isArray((value as EtcdConfig).endpoints);
  return isConfig ? (value as EtcdConfig) : undefined;
}
