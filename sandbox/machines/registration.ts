import { setTimeout as sleep } from "node:timers/promises";
import { issueLeaf } from "./certificates";
import { initialize, initializeByK3s } from "./cloudController";
import { adminApi, authority, readBootstrap } from "./cluster";
import { diskPath, log, type Machine, updateMachine, writeFile } from "./disk";
import type { K3s } from "./k3s";
import { call, type KubeApi, KubeError } from "./kubeApi";
import { type Node, nodeName, nodeOf } from "./node";

const readySeconds = 90;

/**
 * Registers a machine's Node as its kubelet does, with the kubelet's own rights, lets the cloud controller meet it and
 * waits until it is Ready.
 */
export async function register(machine: Machine, k3s: K3s, cluster: string): Promise<void> {
  const { server } = machine;
  const admin = await adminApi(cluster);
  const bootstrap = readBootstrap(cluster);
  if (!admin || !bootstrap) throw new Error(`cluster ${cluster} has lost its control plane`);
  const { ownCloudController } = bootstrap.settings;
  const external = ownCloudController || k3s.externalCloudProvider;
  const name = nodeName(server, k3s);
  const node = nodeOf(server, k3s, external);

  const kubelet: KubeApi = {
    ...admin,
    client: await issueLeaf(authority(bootstrap.authorities, "client-ca"), {
      commonName: `system:node:${name}`,
      organizations: ["system:nodes"],
      usages: ["client"],
    }),
  };
  const agentDirectory = diskPath(server.name, "/var/lib/rancher/k3s/agent");
  writeFile(`${agentDirectory}/client-kubelet.crt`, kubelet.client.certificate);
  writeFile(`${agentDirectory}/client-kubelet.key`, kubelet.client.key);
  updateMachine(server.name, { node: name });
  const fresh = await createNode(kubelet, node);
  log(server.name, fresh ? `registered node ${name}` : `node ${name} is registered already`);

  if (machine.role === "server") {
    const labels = {
      "node-role.kubernetes.io/control-plane": "true",
      "node-role.kubernetes.io/etcd": "true",
    };
    await patchNode(admin, name, { metadata: { labels } });
  }
  if (ownCloudController) await initializeByK3s(admin, name);
  else if (!external) {
    log(
      server.name,
      "kubelet-arg cloud-provider=external is not set: no cloud controller will know this node",
    );
  } else if (name !== server.name) {
    log(server.name, `the cloud has no server named ${name}: node stays uninitialized`);
  } else {
    await initialize(admin, name, server);
    log(server.name, `cloud controller: node ${name} is hcloud://${server.id}`);
  }
  await waitUntilReady(admin, name);
}

/** @returns whether the Node is new; of one that is there only the status is renewed, as a kubelet does */
async function createNode(kubelet: KubeApi, node: Node): Promise<boolean> {
  try {
    await call(kubelet, "POST", "/api/v1/nodes", node);
    return true;
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 409)) throw error;
  }
  const { allocatable, capacity, nodeInfo } = node.status;
  const path = `/api/v1/nodes/${node.metadata.name}/status`;
  const status = { allocatable, capacity, nodeInfo };
  await call(kubelet, "PATCH", path, { status }, "application/merge-patch+json");
  return false;
}

async function patchNode(api: KubeApi, name: string, patch: object): Promise<void> {
  await call(api, "PATCH", `/api/v1/nodes/${name}`, patch, "application/merge-patch+json");
}

async function waitUntilReady(api: KubeApi, name: string): Promise<void> {
  const deadline = Date.now() + readySeconds * 1000;
  while (Date.now() < deadline) {
    const { spec, status } = (await call(api, "GET", `/api/v1/nodes/${name}`)) as Node;
    const ready = status.conditions?.find(({ type }) => type === "Ready")?.status === "True";
    // Kubernetes taints a new node until its controllers have seen the condition.
    const tainted = spec.taints?.some(({ key }) => key === "node.kubernetes.io/not-ready") ?? false;
    if (ready && !tainted) return;
    await sleep(200);
  }
  throw new Error(`node ${name} is not Ready after ${readySeconds} s`);
}
