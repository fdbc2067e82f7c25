import type { K3s, Taint } from "./k3s";
import type { Machine } from "./disk";
import { hardwareOf } from "./serverTypes";

/** The version that kubelets of the pinned k3s report. */
const kubeletVersion = "v1.36.4+k3s1";

/** The kubelet's default for `eviction-hard`: it keeps 100 MiB for itself. */
const evictionMebibytes = 100;

/** A taint of the Node until a cloud controller has met it. */
export const uninitialized: Taint = {
  key: "node.cloudprovider.kubernetes.io/uninitialized",
  value: "true",
  effect: "NoSchedule",
};

/** Parts of a Node object that this program reads or writes. */
export interface Node {
  apiVersion: "v1";
  kind: "Node";
  metadata: {
    name: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
    resourceVersion?: string;
  };
  spec: { taints?: Taint[]; providerID?: string };
  status: {
    addresses: { type: string; address: string }[];
    capacity: Record<string, string>;
    allocatable: Record<string, string>;
    conditions?: { type: string; status: string }[];
    nodeInfo: Record<string, string>;
  };
}

/** The Node that the kubelet of a machine registers, before any cloud controller has seen it. */
export function nodeOf(server: Machine["server"], k3s: K3s, external: boolean): Node {
  const hardware = hardwareOf(server.serverType);
  const name = nodeName(server, k3s);
  const address = k3s.nodeIp ?? server.ipv4Address;
  const taints = external ? [...k3s.nodeTaints, uninitialized] : k3s.nodeTaints;
  const memory = hardware.memory * 1024;
  const reserved = [
    kubeletMap(k3s.kubeletArgs, "kube-reserved"),
    kubeletMap(k3s.kubeletArgs, "system-reserved"),
  ];
  const sum = (key: string, read: (quantity: string) => number): number =>
    reserved.reduce((total, map) => total + (map[key] ? read(map[key]) : 0), 0);
  const rest = { pods: kubeletArg(k3s.kubeletArgs, "max-pods") ?? "110", "hugepages-2Mi": "0" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "beta.kubernetes.io/arch": hardware.architecture,
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": hardware.architecture,
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        ...k3s.nodeLabels,
      },
      annotations: external ? { "alpha.kubernetes.io/provided-node-ip": address } : {},
    },
    spec: taints.length > 0 ? { taints } : {},
    status: {
      addresses: [
        { type: "InternalIP", address },
        ...(k3s.nodeExternalIp && !external
          ? [{ type: "ExternalIP", address: k3s.nodeExternalIp }]
          : []),
        { type: "Hostname", address: name },
      ],
      capacity: { cpu: String(hardware.cores), memory: `${memory}Mi`, ...rest },
      allocatable: {
        cpu: `${hardware.cores * 1000 - sum("cpu", millicores)}m`,
        memory: `${memory - evictionMebibytes - sum("memory", mebibytes)}Mi`,
        ...rest,
      },
      nodeInfo: {
        architecture: hardware.architecture,
        bootID: "",
        containerRuntimeVersion: "containerd://2.2.3-k3s1",
        kernelVersion: "6.8.0-generic",
        kubeProxyVersion: "",
        kubeletVersion,
        machineID: server.id,
        operatingSystem: "linux",
        osImage: "Ubuntu 24.04 LTS",
        systemUUID: server.id,
      },
    },
  };
}

/** A node is called as its machine unless k3s is told another name. */
export function nodeName(server: Pick<Machine["server"], "name">, k3s: K3s): string {
  return (k3s.nodeName ?? server.name).toLowerCase();
}

function kubeletArg(args: string[], name: string): string | undefined {
  return args
    .map((arg) => arg.replace(/^--/, ""))
    .findLast((arg) => arg.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

function kubeletMap(args: string[], name: string): Record<string, string> {
  const text = kubeletArg(args, name) ?? "";
  return Object.fromEntries(
    text
      .split(",")
      .filter(Boolean)
      .map((pair) => pair.split("=", 2) as [string, string]),
  );
}

function millicores(quantity: string): number {
  return quantity.endsWith("m") ? Number(quantity.slice(0, -1)) : Number(quantity) * 1000;
}

function mebibytes(quantity: string): number {
  const units: Record<string, number> = {
    Ki: 1 / 1024,
    Mi: 1,
    Gi: 1024,
    M: 1e6 / 2 ** 20,
    G: 1e9 / 2 ** 20,
  };
  const [, number, unit] = /^([\d.]+)([A-Za-z]*)$/.exec(quantity) ?? [];
  return Math.ceil(Number(number) * (units[unit ?? ""] ?? 1 / 2 ** 20));
}
