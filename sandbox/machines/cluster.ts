import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { sandboxPath } from "../directory";
import { type Authorities, type AuthorityName } from "./authorities";
import { issueLeaf, type KeyPair } from "./certificates";
import { machineNames, readJson, readMachine, remove, writeJson } from "./disk";
import type { K3s } from "./k3s";
import type { KubeApi } from "./kubeApi";

/** The parts of a server's configuration that hold for the whole cluster. */
export type ClusterSettings = Pick<
  K3s,
  "clusterCidr" | "serviceCidr" | "clusterDomain" | "ownCloudController" | "critical" | "tlsSans"
>;

/** What k3s keeps in the datastore for servers that join later: its bootstrap record. */
export interface Bootstrap {
  authorities: Authorities;
  serverPassword: string;
  agentPassword: string;
  settings: ClusterSettings;
  /** EncryptionConfiguration of the API server, when secrets are encrypted. */
  encryption?: string;
}

/** The machine on which the control plane runs. One stands for all servers of a cluster here. */
export interface Host {
  machine: string;
  address: string;
}

/**
 * The name of the cluster that a server founds: its own without `-control-plane-<n>`, for example germany for
 * germany-control-plane-1, else its whole name.
 */
export function clusterName(server: string): string {
  return server.replace(/-control-plane-\d+$/, "");
}

/** A path in the directory of a cluster, which has bootstrap.json, host.json and the datastore. */
export function clusterPath(cluster: string, ...parts: string[]): string {
  return sandboxPath("clusters", cluster, ...parts);
}

/** The bootstrap record, or undefined when the cluster was not founded yet. */
export function readBootstrap(cluster: string): Bootstrap | undefined {
  return readJson(clusterPath(cluster, "bootstrap.json")) as Bootstrap | undefined;
}

/** Puts the bootstrap record beside the datastore. */
export function writeBootstrap(cluster: string, bootstrap: Bootstrap): void {
  writeJson(clusterPath(cluster, "bootstrap.json"), bootstrap);
}

/** The machine that hosts the control plane, or undefined while none does. */
export function readHost(cluster: string): Host | undefined {
  return readJson(clusterPath(cluster, "host.json")) as Host | undefined;
}

/** Makes a machine the host of the control plane. @returns false when another one is */
export function claimHost(cluster: string, host: Host): boolean {
  mkdirSync(clusterPath(cluster), { recursive: true });
  try {
    writeFileSync(clusterPath(cluster, "host.json"), JSON.stringify(host), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return readHost(cluster)?.machine === host.machine;
  }
}

/** Takes a machine that goes out of its cluster; the datastore goes with the last server. */
export function leaveCluster(cluster: string, machine: string): void {
  if (readHost(cluster)?.machine === machine) remove(clusterPath(cluster, "host.json"));
  if (serversOf(cluster).every((server) => server === machine)) remove(clusterPath(cluster));
}

/** Names of the cluster's machines that are servers. */
export function serversOf(cluster: string): string[] {
  return machineNames().filter((name) => {
    const machine = readMachine(name);
    return machine?.cluster === cluster && machine.role === "server";
  });
}

/** The cluster that answers at an address or name, or undefined when nothing does. */
export function findCluster(hostName: string): string | undefined {
  if (!existsSync(sandboxPath("clusters"))) return undefined;
  return readdirSync(sandboxPath("clusters")).find((cluster) => {
    if (readHost(cluster)?.address === hostName) return true;
    const addresses = serversOf(cluster).map((name) => readMachine(name)?.server.ipv4Address);
    if (addresses.includes(hostName)) return true;
    const isName = /[a-z]/i.test(hostName);
    return isName && readBootstrap(cluster)?.settings.tlsSans.includes(hostName) === true;
  });
}

/** A CA of the cluster with its key. */
export function authority(authorities: Authorities, name: AuthorityName): KeyPair {
  return { certificate: authorities[`${name}.crt`], key: authorities[`${name}.key`] };
}

/** The cluster's API with full rights, at the machine that hosts it; undefined while none does. */
export async function adminApi(cluster: string): Promise<KubeApi | undefined> {
  const host = readHost(cluster);
  const bootstrap = readBootstrap(cluster);
  if (!host || !bootstrap) return undefined;
  return {
    address: host.address,
    ca: bootstrap.authorities["server-ca.crt"],
    client: await issueLeaf(authority(bootstrap.authorities, "client-ca"), {
      commonName: "system:admin",
      organizations: ["system:masters"],
      usages: ["client"],
    }),
  };
}
