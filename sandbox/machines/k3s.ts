import { isAbsolute } from "node:path";
import { authoritiesOf, type Authorities } from "./authorities";
import type { CloudInit } from "./cloudInit";
import { isOn, readSettings } from "./k3sSettings";
import { checkKernel } from "./kernelDefaults";
import { refusedLabel } from "./nodeLabels";
import { checkStarted, readUnit } from "./systemdUnit";

/** What k3s is told to be on one machine. */
export interface K3s {
  role: "server" | "agent";
  /** Found a cluster (`cluster-init`, no `server`) or join the one at this URL. */
  serverUrl?: string;
  token?: string;
  agentToken?: string;
  nodeName?: string;
  nodeIp?: string;
  nodeExternalIp?: string;
  nodeLabels: Record<string, string>;
  nodeTaints: Taint[];
  tlsSans: string[];
  clusterCidr: string;
  serviceCidr: string;
  clusterDomain: string;
  serviceNodePortRange: string;
  secretsEncryption: false | "aescbc" | "secretbox";
  /** k3s' own cloud controller runs in the cluster (the default); only a server knows. */
  ownCloudController: boolean;
  /** The kubelet waits for a cloud controller of another make. */
  externalCloudProvider: boolean;
  /** Flags of the kubelet, as written. */
  kubeletArgs: string[];
  /** Extra flags of each control plane component, as written: `name=value`. */
  args: Record<"apiserver" | "controllerManager" | "scheduler" | "etcd", string[]>;
  /** Settings that every server of a cluster must share, as text to compare. */
  critical: Record<string, string>;
  /** The CAs that lie on the disk, or undefined when k3s is to make its own. */
  authorities?: Authorities;
  /** What k3s does that the sandbox does not: for the machine's log. */
  notes: string[];
}

/** A taint of a node. */
export interface Taint {
  key: string;
  value?: string;
  effect: string;
}

/**
 * What k3s would do on a machine after its first boot.
 *
 * @returns undefined when nothing on the machine is k3s
 * @throws with what stops a real k3s, or stops the node from coming
 */
export function readK3s(cloudInit: CloudInit): K3s | undefined {
  const files = new Map(cloudInit.files.map((file) => [file.path, file.content.toString("utf8")]));
  const unit = readUnit(files);
  if (!unit) return undefined;
  checkStarted(unit.name, cloudInit.commands);

  const settings = readSettings(files, unit);
  const list = (key: string): string[] => (settings.get(key) ?? []).flatMap((v) => v.split(","));
  const args = (key: string): string[] => settings.get(key) ?? [];
  const last = (key: string): string | undefined => settings.get(key)?.at(-1);
  const on = (key: string): boolean => isOn(key, last(key));

  if (unit.role === "agent") {
    for (const key of ["server", "token"]) {
      if (!last(key) && !last(`${key}-file`)) throw new Error(`--${key} is required for k3s agent`);
    }
  } else if (last("server") && !last("token") && !last("token-file")) {
    throw new Error("--token is required to join a server to a cluster");
  }
  const fileValue = (key: string): string | undefined => {
    const path = last(`${key}-file`);
    if (!path) return last(key);
    const content = files.get(path);
    if (content === undefined) throw new Error(`${key}-file: ${path} is not on the machine`);
    return content.trim();
  };

  const kubeletArgs = args("kubelet-arg");
  if (on("protect-kernel-defaults") || kubeletArgs.includes("protect-kernel-defaults=true")) {
    checkKernel(files, cloudInit.commands);
  }
  const apiserver = args("kube-apiserver-arg");
  for (const flag of [
    "audit-policy-file",
    "admission-control-config-file",
    "authentication-config",
  ]) {
    const path = apiserver.find((arg) => arg.startsWith(`${flag}=`))?.slice(flag.length + 1);
    if (path && isAbsolute(path) && !files.has(path)) {
      throw new Error(`kube-apiserver --${flag}: ${path} is not on the machine`);
    }
  }
  const nodeLabels: Record<string, string> = {};
  for (const label of list("node-label")) {
    const [key = "", value = ""] = label.split("=", 2);
    const refusal = refusedLabel(key);
    if (refusal) throw new Error(`node-label "${label}": ${refusal}`);
    nodeLabels[key] = value;
  }
  const provider = last("secrets-encryption-provider") ?? "aescbc";
  if (provider !== "aescbc" && provider !== "secretbox") {
    throw new Error(`secrets-encryption-provider must be aescbc or secretbox, got "${provider}"`);
  }
  const nodeIp = list("node-ip")[0];
  const nodeExternalIp = list("node-external-ip")[0];
  const authorities = unit.role === "server" ? authoritiesOf(files) : undefined;
  const serverUrl = last("server");
  const token = fileValue("token");
  const agentToken = fileValue("agent-token");
  const nodeName = last("node-name");
  return {
    role: unit.role,
    ...(serverUrl && { serverUrl }),
    ...(token && { token }),
    ...(agentToken && { agentToken }),
    ...(nodeName && { nodeName }),
    ...(nodeIp && { nodeIp }),
    ...(nodeExternalIp && { nodeExternalIp }),
    nodeLabels,
    nodeTaints: list("node-taint").map(readTaint),
    tlsSans: list("tls-san"),
    clusterCidr: list("cluster-cidr")[0] ?? "10.42.0.0/16",
    serviceCidr: list("service-cidr")[0] ?? "10.43.0.0/16",
    clusterDomain: last("cluster-domain") ?? "cluster.local",
    serviceNodePortRange: last("service-node-port-range") ?? "30000-32767",
    secretsEncryption: on("secrets-encryption") ? provider : false,
    ownCloudController: !on("disable-cloud-controller"),
    kubeletArgs,
    externalCloudProvider: kubeletArgs.includes("cloud-provider=external"),
    args: {
      apiserver,
      controllerManager: [...args("kube-controller-manager-arg"), ...args("kube-controller-arg")],
      scheduler: args("kube-scheduler-arg"),
      etcd: args("etcd-arg"),
    },
    critical: {
      ...Object.fromEntries(criticalKeys.map((key) => [key, settings.get(key)?.join(",") ?? ""])),
      "disable=servicelb": String(list("disable").includes("servicelb")),
    },
    ...(authorities && { authorities }),
    notes: notes(files, settings),
  };
}

/** Must be equal on all servers (docs/cli/server.md of k3s; `agent-token` is compared too). */
const criticalKeys = [
  "agent-token",
  "cluster-cidr",
  "cluster-dns",
  "cluster-domain",
  "disable-cloud-controller",
  "disable-helm-controller",
  "disable-network-policy",
  "egress-selector-mode",
  "embedded-registry",
  "flannel-backend",
  "flannel-external-ip",
  "flannel-ipv6-masq",
  "secrets-encryption",
  "secrets-encryption-provider",
  "service-cidr",
];

function readTaint(text: string): Taint {
  const [, key, value, effect] = /^([^=:]+)(?:=([^:]*))?:(.+)$/.exec(text) ?? [];
  if (!key || !effect || !["NoSchedule", "PreferNoSchedule", "NoExecute"].includes(effect)) {
    throw new Error(
      `node-taint must be key=value:effect with effect NoSchedule, PreferNoSchedule or NoExecute, got "${text}"`,
    );
  }
  return { key, ...(value && { value }), effect };
}

function notes(files: Map<string, string>, settings: Map<string, string[]>): string[] {
  const found: string[] = [];
  const manifests = [...files.keys()].filter((path) =>
    path.startsWith("/var/lib/rancher/k3s/server/manifests/"),
  );
  if (manifests.length > 0) found.push(`manifests are not applied here: ${manifests.join(", ")}`);
  if (settings.get("etcd-s3")?.at(-1) === "true") found.push("etcd snapshots are not taken here");
  return found;
}
