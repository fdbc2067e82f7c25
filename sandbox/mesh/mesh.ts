import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../kubernetes/client";
import { adminClient } from "../machines/adminClient";
import { readHost } from "../machines/cluster";
import { log } from "../machines/disk";
import type { Route } from "./etcdConfig";
import { type Host, RunningPod } from "./kubelet";
import { longDistance } from "./longDistance";
import { nodePortRoutes } from "./peers";
import { leadingPod, type Pod } from "./pod";

const roundMilliseconds = 1_000;
/** After a failure, for example while a Secret is missing. */
const retryMilliseconds = 3_000;
const namespace = "kube-system";

/** The pods of Cilium's chart that run for real, by the labels of their Deployments. */
const selectors = ["k8s-app=clustermesh-apiserver", "io.cilium/app=operator"];

/**
 * Runs a region's mesh server and Cilium operator for as long as this process lives: the real programs, started from
 * the pods, ConfigMaps and Secrets in the region's own API, kept running and renewed as a kubelet would.
 */
export async function runMesh(cluster: string): Promise<never> {
  const at = readHost(cluster);
  if (!at) throw new Error(`cluster ${cluster} has no control plane`);
  const client = await adminClient(cluster);
  const host = hostOf(at.machine, at.address, client);
  const running = new Map<string, RunningPod>();
  const troubles = new Map(selectors.map((selector) => [selector, { until: 0, said: "" }]));
  for (;;) {
    for (const [selector, trouble] of troubles) {
      if (Date.now() < trouble.until) continue;
      try {
        await follow(host, selector, running);
        trouble.said = "";
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message !== trouble.said) log(at.machine, `mesh: ${message}`);
        trouble.said = message;
        trouble.until = Date.now() + retryMilliseconds;
      }
    }
    await sleep(roundMilliseconds);
  }
}

/** Names of the region's own mesh server; every other name is a peer's. */
const ownNames = new Set(["127.0.0.1", `clustermesh-apiserver.${namespace}.svc`]);

function hostOf(machine: string, address: string, client: ApiClient): Host {
  const ways = new Map<string, Promise<Route>>();
  let port: Promise<number> | undefined;
  const host: Host = {
    machine,
    address,
    client,
    nodePort: () => {
      port ??= readNodePort(client).catch((error: unknown) => {
        port = undefined;
        throw error;
      });
      return port;
    },
    route: async (name, to) => {
      if (ownNames.has(name)) return { address, port: await host.nodePort() };
      const key = `${name}:${to}`;
      const way =
        ways.get(key) ??
        longDistance(address, () => nodePortRoutes(name, to)).then((bound) => ({
          address,
          port: bound.port,
        }));
      ways.set(key, way);
      return way;
    },
  };
  return host;
}

async function readNodePort(client: ApiClient): Promise<number> {
  const path = `/api/v1/namespaces/${namespace}/services/clustermesh-apiserver`;
  const { spec } = (await client.send({ method: "GET", path })) as {
    spec: { ports: { nodePort?: number }[] };
  };
  const found = spec.ports[0]?.nodePort;
  if (found === undefined)
    throw new Error(`Service ${namespace}/clustermesh-apiserver has no NodePort`);
  return found;
}

async function follow(
  host: Host,
  selector: string,
  running: Map<string, RunningPod>,
): Promise<void> {
  const { items } = (await host.client.send({
    method: "GET",
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: { labelSelector: selector },
  })) as { items: Pod[] };
  const pod = leadingPod(items);
  const before = running.get(selector);
  if (before && before.pod.metadata.uid !== pod?.metadata.uid) {
    log(host.machine, `ends ${before.pod.metadata.name}`);
    await before.end();
    running.delete(selector);
  }
  if (!pod) return;
  const same = running.get(selector);
  if (same) await same.keep();
  else running.set(selector, await RunningPod.start(host, pod));
}
