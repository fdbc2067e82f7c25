/** Where and beside whom the programs of a region run on this machine. */
export interface Place {
  /** Loopback address of the machine that hosts the region's control plane. */
  address: string;
  /** Port of the mesh etcd, which real nodes serve as a NodePort; only its own pod needs it. */
  nodePort?: number;
  /** Kubeconfig with the rights of the pod's service account. */
  kubeconfig: string;
  /** Where a program puts its control socket, relative to its working directory because such paths must be short. */
  socketDirectory: string;
}

/** A program of Cilium's control plane, by what its container is called in the chart. */
export interface Program {
  /** Name of the process and its log. */
  name: string;
  /** Executable in `.sandbox/bin`. */
  executable: string;
  /** Changes what would clash with another region's, or needs what a simulated node does not have. */
  flags: (place: Place) => Record<string, string>;
}

const common = ({ socketDirectory }: Place, name: string): Record<string, string> => ({
  "enable-gops": "false",
  "shell-sock-path": `${socketDirectory}/${name}.sock`,
});

/** Health ports are bound on every address of the computer, where other sandboxes live too: any free one will do. */
const healthPort = "0";

/** What runs for real, by the name of the container in Cilium's chart. */
export const programs: Readonly<Record<string, Program>> = {
  etcd: {
    name: "mesh-etcd",
    executable: "etcd",
    flags: ({ address, nodePort }) => ({
      "listen-client-urls": `https://${address}:${nodePort}`,
      "advertise-client-urls": `https://${address}:${nodePort}`,
      // 9963 is the operator's, which lives on the same address here.
      "listen-metrics-urls": `http://${address}:9965`,
      ...peerFlags(address),
      "log-level": "warn",
      "unsafe-no-fsync": "true",
    }),
  },
  apiserver: {
    name: "clustermesh-apiserver",
    executable: "clustermesh-apiserver",
    flags: (place) => ({
      ...common(place, "apiserver"),
      "k8s-kubeconfig-path": place.kubeconfig,
      "health-port": healthPort,
      "prometheus-serve-addr": `${place.address}:9962`,
    }),
  },
  kvstoremesh: {
    name: "kvstoremesh",
    executable: "clustermesh-apiserver",
    flags: (place) => ({
      ...common(place, "kvstoremesh"),
      "api-serve-addr": `${place.address}:9889`,
      "health-port": healthPort,
      "prometheus-serve-addr": `${place.address}:9964`,
    }),
  },
  "cilium-operator": {
    name: "cilium-operator",
    executable: "cilium-operator",
    flags: (place) => ({
      ...common(place, "operator"),
      "k8s-kubeconfig-path": place.kubeconfig,
      "operator-api-serve-addr": `${place.address}:9234`,
      "operator-prometheus-serve-addr": `${place.address}:9963`,
      // It would delete pods that have no endpoint of an agent, and there is no agent here.
      "unmanaged-pod-watcher-interval": "0",
    }),
  },
};

/** Name and peer addresses of the mesh etcd: equal when its accounts are made and when it serves. */
export function peerFlags(address: string): Record<string, string> {
  const url = `http://${address}:32380`;
  return {
    "listen-peer-urls": url,
    "initial-advertise-peer-urls": url,
    "initial-cluster": `clustermesh-apiserver=${url}`,
  };
}

/** Flags of a container with some of them changed or added. */
export function withFlags(args: readonly string[], flags: Record<string, string>): string[] {
  const kept = args.filter((arg) => !Object.hasOwn(flags, /^--([^=]+)/.exec(arg)?.[1] ?? ""));
  return [...kept, ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)];
}

/** Replaces the paths of mounts, which the container sees, by those where the files lie here. */
export function mappedPaths(text: string, mounts: ReadonlyMap<string, string>): string {
  const longestFirst = [...mounts].toSorted(([a], [b]) => b.length - a.length);
  return longestFirst.reduce((result, [from, to]) => {
    const path = from.replace(/\/$/, "").replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    return result.replaceAll(
      new RegExp(String.raw`(^|[=\s"'])${path}(?![\w.-])`, "g"),
      (_, before: string) => before + to,
    );
  }, text);
}
