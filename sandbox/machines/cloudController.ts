import { machineNames, type Machine, readMachine } from "./disk";
import { call, KubeError, type KubeApi } from "./kubeApi";
import { type Node, uninitialized } from "./node";

/** The names of the datacenters that Hetzner's cloud controller still uses as zones. */
const zones: Record<string, string> = {
  ash: "ash-dc1",
  fsn1: "fsn1-dc14",
  hel1: "hel1-dc2",
  hil: "hil-dc1",
  nbg1: "nbg1-dc3",
  sin: "sin-dc1",
};

const mergePatch = "application/merge-patch+json";

/**
 * What Hetzner's cloud controller does to a new Node of its cloud: provider id, addresses, region, zone and instance
 * type; then the node may be used. Without a private network the only address is the public one, and it is an
 * ExternalIP (component-facts 1.5).
 */
export async function initialize(
  api: KubeApi,
  name: string,
  server: Machine["server"],
): Promise<void> {
  const zone = zones[server.location];
  const addresses = [
    { type: "Hostname", address: server.name },
    { type: "ExternalIP", address: server.ipv4Address },
  ];
  const status = `/api/v1/nodes/${name}/status`;
  await call(api, "PATCH", status, { status: { addresses } }, mergePatch);
  await admitNode(api, name, `hcloud://${server.id}`, {
    "beta.kubernetes.io/instance-type": server.serverType,
    "failure-domain.beta.kubernetes.io/region": server.location,
    "instance.hetzner.cloud/provided-by": "cloud",
    "node.kubernetes.io/instance-type": server.serverType,
    "topology.kubernetes.io/region": server.location,
    ...(zone && {
      "failure-domain.beta.kubernetes.io/zone": zone,
      "topology.kubernetes.io/zone": zone,
    }),
  });
}

/** What k3s' own cloud controller does: it knows no cloud. */
export async function initializeByK3s(api: KubeApi, name: string): Promise<void> {
  await admitNode(api, name, `k3s://${name}`, { "node.kubernetes.io/instance-type": "k3s" });
}

/** Deletes the Nodes of servers that the cloud no longer has. */
export async function removeVanished(api: KubeApi): Promise<void> {
  const living = new Set(machineNames().map((name) => `hcloud://${readMachine(name)?.server.id}`));
  const { items } = (await call(api, "GET", "/api/v1/nodes")) as { items: Node[] };
  for (const { metadata, spec } of items) {
    if (spec.providerID?.startsWith("hcloud://") && !living.has(spec.providerID)) {
      await removeNode(api, metadata.name);
    }
  }
}

/**
 * Deletes the leases of all nodes. A kwok that starts waits until those of an earlier one end, and all that time its
 * nodes get no conditions.
 */
export async function releaseLeases(api: KubeApi): Promise<void> {
  await call(api, "DELETE", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases");
}

/** Deletes a Node; one that is not there is as good as deleted. */
export async function removeNode(api: KubeApi, name: string): Promise<void> {
  try {
    await call(api, "DELETE", `/api/v1/nodes/${name}`);
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 404)) throw error;
  }
}

/** Labels a Node, gives it its provider id and takes the taint of the uninitialized away. */
async function admitNode(
  api: KubeApi,
  name: string,
  providerID: string,
  labels: Record<string, string>,
): Promise<void> {
  const path = `/api/v1/nodes/${name}`;
  for (;;) {
    const { metadata, spec } = (await call(api, "GET", path)) as Node;
    const taints = (spec.taints ?? []).filter(({ key }) => key !== uninitialized.key);
    // The version makes the patch fail when another controller has changed the taints meanwhile.
    const { resourceVersion } = metadata;
    const patch = { metadata: { labels, resourceVersion }, spec: { providerID, taints } };
    try {
      await call(api, "PATCH", path, patch, mergePatch);
      return;
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 409)) throw error;
    }
  }
}
