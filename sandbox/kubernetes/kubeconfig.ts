import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { isObject } from "../provider/difference";
import { type Properties } from "../provider/resourceType";

/** How to reach and enter one cluster. */
export interface Connection {
  /** For example `https://127.0.0.1:6443`. */
  server: string;
  /** The context's namespace, `default` when it names none. */
  namespace: string;
  certificateAuthority?: string;
  clientCertificate?: string;
  clientKey?: string;
  token?: string;
  serverName?: string;
  insecure: boolean;
}

/** Which part of a kubeconfig to use instead of what its `current-context` says. */
export interface KubeconfigChoice {
  context?: string | undefined;
  cluster?: string | undefined;
}

/**
 * Reads a kubeconfig, YAML or JSON, and picks its current context.
 *
 * @throws when it is not a kubeconfig, or names a context, cluster or user that it does not have
 */
export function parseKubeconfig(content: string, choice: KubeconfigChoice = {}): Connection {
  const config = load(content);
  const context = named(config, "context", choice.context ?? text(config, "current-context"));
  const cluster = named(config, "cluster", choice.cluster ?? text(context, "cluster"));
  const userName = text(context, "user");
  const user = userName ? named(config, "user", userName) : {};
  const server = text(cluster, "server");
  if (!server.startsWith("https://")) {
    throw new Error(`the kubeconfig's server must be an https address, got "${server}"`);
  }
  const optional = {
    certificateAuthority: pem(cluster, "certificate-authority"),
    clientCertificate: pem(user, "client-certificate"),
    clientKey: pem(user, "client-key"),
    token: text(user, "token"),
    serverName: text(cluster, "tls-server-name"),
  };
  return {
    server: server.replace(/\/+$/, ""),
    namespace: text(context, "namespace") || "default",
    insecure: cluster["insecure-skip-tls-verify"] === true,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value)),
  };
}

/** The cluster entry that a kubeconfig points to, or undefined when it points to none. */
export function activeCluster(
  content: string,
  choice: KubeconfigChoice = {},
): Properties | undefined {
  try {
    const config = load(content);
    const context = named(config, "context", choice.context ?? text(config, "current-context"));
    return named(config, "cluster", choice.cluster ?? text(context, "cluster"));
  } catch {
    return undefined;
  }
}

function load(content: string): Properties {
  const config: unknown = parse(content);
  if (!isObject(config))
    throw new Error("the kubeconfig must hold the content of a kubeconfig file");
  return config;
}

function named(config: Properties, what: "context" | "cluster" | "user", name: string): Properties {
  const entries = config[`${what}s`];
  const list: unknown[] = Array.isArray(entries) ? entries : [];
  const entry = list.find((item) => isObject(item) && item["name"] === name);
  const value = isObject(entry) ? entry[what] : undefined;
  if (!isObject(value)) throw new Error(`the kubeconfig has no ${what} "${name}"`);
  return value;
}

function text(object: Properties, key: string): string {
  const value = object[key];
  return typeof value === "string" ? value : "";
}

/** A PEM given in place (`…-data`, base64) or as the path of a file. */
function pem(object: Properties, key: string): string {
  const data = text(object, `${key}-data`);
  if (data) return Buffer.from(data, "base64").toString();
  const path = text(object, key);
  return path ? readFileSync(path, "utf8") : "";
}
