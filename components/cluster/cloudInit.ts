import { stringify } from "yaml";
import { auditLogDirectory, hardeningFiles } from "./hardening";
import { type HostFile, hostCommands, hostFiles, k3sInstaller, k3sUnit } from "./host";
import {
  agentConfig,
  type ClusterFacts,
  type JoinTokens,
  type K3sConfig,
  type NodeFacts,
  serverConfig,
} from "./k3sConfig";

/** Hetzner takes this many bytes of user data (capabilities 4.1). */
export const userDataLimit = 32_768;

/** A CA's certificate and private key, PEM. */
export interface Pair {
  certificatePem: string;
  privateKeyPem: string;
}

/** The CAs that k3s wants, by the name of their files under `server/tls` (component-facts 1.1). */
export const authorityNames = [
  "server-ca",
  "client-ca",
  "request-header-ca",
  "etcd/peer-ca",
  "etcd/server-ca",
] as const;

export type AuthorityName = (typeof authorityNames)[number];

/** What the server that founds a cluster brings along. */
export interface ClusterRoots {
  authorities: Readonly<Record<AuthorityName, Pair>>;
  /** Signs the tokens of service accounts: RSA, PEM. */
  serviceKeyPem: string;
}

/** A file of `write_files`; base64 where a changed byte would change a hash. */
interface WrittenFile extends HostFile {
  encoding?: "b64";
}

/** Cloud-init of the server that founds a cluster: the only one that carries the CAs' keys. */
export function foundingServer(
  cluster: ClusterFacts,
  node: NodeFacts,
  tokens: JoinTokens,
  roots: ClusterRoots,
): string {
  const config = serverConfig(cluster, node, tokens);
  return cloudConfig(node.name, [...serverFiles(cluster, config), ...rootFiles(roots)], "server");
}

/** Cloud-init of a further server, which gets the CAs from the one that it joins. */
export function joiningServer(
  cluster: ClusterFacts,
  node: NodeFacts,
  tokens: JoinTokens,
  join: string,
): string {
  const config = serverConfig(cluster, node, tokens, join);
  return cloudConfig(node.name, serverFiles(cluster, config), "server");
}

/** Cloud-init of a machine that only carries work. It knows the agents' token and nothing else that is secret. */
export function agent(
  cluster: Pick<ClusterFacts, "k3s">,
  node: NodeFacts,
  agentToken: string,
  join: string,
): string {
  const files = commonFiles(cluster, agentConfig(node, agentToken, join));
  return cloudConfig(node.name, files, "agent");
}

/**
 * The same cloud-init with one comment more. Hetzner replaces a server whose user data changes; the comment is always
 * the same, so that asking once replaces once and asking again without another change replaces nothing.
 */
export function withReplacementMark(userData: string): string {
  return userData.replace("\n", "\n# Replacement asked for by name.\n");
}

function cloudConfig(
  server: string,
  files: readonly WrittenFile[],
  mode: "server" | "agent",
): string {
  const unit = k3sUnit(mode);
  const { name: unitName, ...unitFile } = unit;
  const text = `#cloud-config\n${stringify(
    {
      ssh_pwauth: false,
      disable_root: true,
      write_files: [...files, unitFile],
      runcmd: [
        ...hostCommands,
        ...(mode === "server" ? [["install", "-d", "-m", "700", auditLogDirectory]] : []),
        ["systemctl", "daemon-reload"],
        // k3s reports itself ready only when its API is; cloud-init need not wait for that.
        ["systemctl", "enable", "--now", "--no-block", unitName],
      ],
    },
    { lineWidth: 0 },
  )}`;
  const bytes = Buffer.byteLength(withReplacementMark(text), "utf8");
  if (bytes > userDataLimit) {
    throw new Error(
      `the cloud-init of ${server} has ${bytes} bytes, Hetzner takes at most ${userDataLimit}`,
    );
  }
  return text;
}

function commonFiles(cluster: Pick<ClusterFacts, "k3s">, config: K3sConfig): WrittenFile[] {
  return [
    ...hostFiles,
    k3sInstaller(cluster.k3s),
    yamlFile("/etc/rancher/k3s/config.yaml", config),
  ];
}

function serverFiles(cluster: ClusterFacts, config: K3sConfig): WrittenFile[] {
  const hardening = Object.entries(hardeningFiles).map(([path, object]) => yamlFile(path, object));
  return [...commonFiles(cluster, config), ...hardening];
}

function rootFiles(roots: ClusterRoots): WrittenFile[] {
  return [
    ...authorityNames.flatMap((name) => [
      pemFile(`${name}.crt`, roots.authorities[name].certificatePem),
      pemFile(`${name}.key`, roots.authorities[name].privateKeyPem),
    ]),
    pemFile("service.key", roots.serviceKeyPem),
  ];
}

function yamlFile(path: string, object: object): WrittenFile {
  return { path, permissions: "0600", content: stringify(object, { lineWidth: 0 }) };
}

function pemFile(name: string, pem: string): WrittenFile {
  return {
    path: `/var/lib/rancher/k3s/server/tls/${name}`,
    permissions: "0600",
    encoding: "b64",
    content: Buffer.from(pem, "utf8").toString("base64"),
  };
}
