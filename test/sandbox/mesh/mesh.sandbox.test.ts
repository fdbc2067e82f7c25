import { buildSync } from "esbuild";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installLibrary } from "../../../sandbox/charts/library";
import { inCloudflare } from "../../../sandbox/clouds/cloudflare/dnsRecord";
import type { ApiClient } from "../../../sandbox/kubernetes/client";
import { adminClient } from "../../../sandbox/machines/adminClient";
import { createAuthorities, issueLeaf, type KeyPair } from "../../../sandbox/machines/certificates";
import { listMachines, powerOn, resumeAll, stopAll } from "../../../sandbox/machines/power";
import { token, userData } from "../machines/userData";
import { EtcdClient } from "./etcd";

const checkout = join(__dirname, "../../..");
const sandbox = mkdtempSync(join(tmpdir(), "meridian-mesh-"));

/** Cluster ids far from those of a sandbox that may run beside this test. */
const regions = {
  alpha: { id: 96, address: "127.97.1.1", pods: "10.201.0.0/16", services: "10.211.0.0/16" },
  beta: { id: 97, address: "127.97.2.1", pods: "10.202.0.0/16", services: "10.212.0.0/16" },
};
type Region = keyof typeof regions;
const names = Object.keys(regions) as Region[];
const nodePort = 32_379;

let authority: KeyPair;
let foreign: KeyPair;
const clients = {} as Record<Region, ApiClient>;
const leaves = {} as Record<Region, Record<"server" | "admin" | "remote" | "local", KeyPair>>;

async function newAuthority(): Promise<KeyPair> {
  const made = await createAuthorities();
  return { certificate: made["server-ca.crt"], key: made["server-ca.key"] };
}

async function issue(region: Region, by = authority): Promise<(typeof leaves)[Region]> {
  const client = async (who: string): Promise<KeyPair> =>
    issueLeaf(by, { commonName: `${who}-${region}`, usages: ["client"] });
  return {
    server: await issueLeaf(by, {
      commonName: "clustermesh-apiserver.kube-system.svc",
      usages: ["server"],
      names: [
        "clustermesh-apiserver.kube-system.svc",
        "*.mesh.cilium.io",
        "localhost",
        "127.0.0.1",
        `${region}.mesh.live.example.com`,
        regions[region].address,
      ],
    }),
    admin: await client("admin"),
    remote: await client("remote"),
    local: await client("local"),
  };
}

function values(region: Region): object {
  const peers = names.filter((name) => name !== region);
  return {
    cluster: { name: region, id: regions[region].id },
    k8sServiceHost: "127.0.0.1",
    k8sServicePort: 6444,
    kubeProxyReplacement: true,
    ipam: {
      mode: "cluster-pool",
      operator: { clusterPoolIPv4PodCIDRList: [regions[region].pods], clusterPoolIPv4MaskSize: 24 },
    },
    nodeIPAM: { enabled: true },
    clustermesh: {
      useAPIServer: true,
      maxConnectedClusters: 255,
      cacheTTL: "15m",
      enableEndpointSliceSynchronization: true,
      config: {
        enabled: true,
        clusters: peers.map((name) => ({
          name,
          address: `${name}.mesh.live.example.com`,
          port: nodePort,
        })),
      },
      apiserver: {
        service: { type: "NodePort", nodePort },
        tls: { authMode: "cluster", auto: { enabled: false } },
      },
    },
  };
}

async function post(client: ApiClient, path: string, body: object): Promise<void> {
  await client.send({ method: "POST", path, body });
}

async function boot(region: Region): Promise<void> {
  const { address, id, pods, services } = regions[region];
  const authorities = await createAuthorities();
  const config = {
    token: token(authorities, "server", "for-servers"),
    "cluster-init": true,
    "cluster-cidr": pods,
    "service-cidr": services,
    "node-ip": address,
  };
  const name = `${region}-control-plane-1`;
  await powerOn({
    id: String(id),
    name,
    location: "fsn1",
    serverType: "ccx23",
    ipv4Address: address,
    userData: userData({ role: "server", config, authorities }),
    labels: {},
  });
  for (;;) {
    const machine = listMachines().find((listed) => listed.name === name);
    if (machine?.state === "ready") break;
    if (machine?.state !== "booting") throw new Error(`${name}: ${machine?.message}`);
    await sleep(100);
  }
}

async function prepare(region: Region): Promise<void> {
  const client = await adminClient(region);
  clients[region] = client;
  leaves[region] = await issue(region);
  for (const [name, pair] of Object.entries(leaves[region])) {
    await post(client, "/api/v1/namespaces/kube-system/secrets", {
      metadata: { name: `clustermesh-apiserver-${name}-cert` },
      type: "kubernetes.io/tls",
      stringData: {
        "ca.crt": authority.certificate,
        "tls.crt": pair.certificate,
        "tls.key": pair.key,
      },
    });
  }
  inCloudflare((store) =>
    store.put("dns_record", {
      id: String(regions[region].id),
      zoneId: "0".repeat(32),
      name: `${region}.mesh.live.example.com`,
      type: "A",
      content: regions[region].address,
      ttl: 60,
      proxied: false,
      tags: [],
      createdOn: "",
      modifiedOn: "",
    }),
  );
  const chart = {
    apiVersion: "helm.cattle.io/v1",
    kind: "HelmChart",
    metadata: { name: "cilium" },
    spec: {
      repo: "https://helm.cilium.io",
      chart: "cilium",
      version: "1.20.2",
      targetNamespace: "kube-system",
      bootstrap: true,
      values: values(region),
    },
  };
  const path = "/apis/helm.cattle.io/v1/namespaces/kube-system/helmcharts";
  await until(60, () =>
    post(client, path, chart).then(
      () => true,
      () => false,
    ),
  );
}

/** Waits until something is so. @returns milliseconds that it took */
async function until(seconds: number, isSo: () => Promise<boolean>): Promise<number> {
  const started = Date.now();
  while (!(await isSo())) {
    if (Date.now() - started > seconds * 1000)
      throw new Error(`not so after ${seconds} s: ${String(isSo)}`);
    await sleep(50);
  }
  return Date.now() - started;
}

beforeAll(async () => {
  process.env["MERIDIAN_SANDBOX"] = sandbox;
  process.env["MERIDIAN_CHECKOUT"] = checkout;
  symlinkSync(join(checkout, ".sandbox", "bin"), join(sandbox, "bin"));
  mkdirSync(join(sandbox, "lib"));
  buildSync({
    entryPoints: [join(checkout, "sandbox/machines/main.ts")],
    outfile: join(sandbox, "lib", "machine.cjs"),
    bundle: true,
    platform: "node",
    logLevel: "error",
  });
  await installLibrary();
  [authority, foreign] = [await newAuthority(), await newAuthority()];
  await Promise.all(names.map(boot));
  for (const region of names) await prepare(region);
  for (const region of names) {
    const own = etcd(region, region, "admin");
    const isUp = async (): Promise<boolean> =>
      (await own.range("cilium/cluster-config/")).includes(region);
    await until(120, () => isUp().catch(() => false));
  }
});

afterAll(async () => {
  for (const client of opened) client.close();
  await stopAll();
  rmSync(sandbox, { recursive: true, force: true });
});

const opened: EtcdClient[] = [];

/** A client of a region's mesh etcd with a certificate of another region, by default from the common authority. */
function etcd(at: Region, of: Region, who: "admin" | "remote", pair = leaves[of][who]): EtcdClient {
  const client = new EtcdClient(regions[at].address, nodePort, authority.certificate, pair);
  opened.push(client);
  return client;
}

interface Slice {
  metadata: { labels: Record<string, string> };
  endpoints: { addresses: string[] }[] | null;
}

/** Addresses of the service in a region that come from another one, or from its own when none is named. */
async function addresses(region: Region, from?: Region): Promise<string[]> {
  const { items } = (await clients[region].send({
    method: "GET",
    path: "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
    query: { labelSelector: `kubernetes.io/service-name=${service.metadata.name}` },
  })) as { items: Slice[] };
  return items
    .filter(({ metadata }) => metadata.labels["multicluster.kubernetes.io/source-cluster"] === from)
    .flatMap(({ endpoints }) => (endpoints ?? []).flatMap((endpoint) => endpoint.addresses));
}

const service = {
  metadata: {
    name: "broadcaster-headless",
    annotations: { "service.cilium.io/global": "true" },
  },
  spec: {
    clusterIP: "None",
    ipFamilyPolicy: "SingleStack",
    selector: { app: "broadcaster" },
    ports: [{ name: "epmd", port: 4369 }],
  },
};

const pod = {
  metadata: { name: "broadcaster-0", labels: { app: "broadcaster" } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: "broadcaster", image: "broadcaster" }],
  },
};

const podPath = "/api/v1/namespaces/default/pods";

/** Programs of a region's host with their process ids. */
function recorded(region: Region, name: string): number {
  const file = join(sandbox, "machines", `${region}-control-plane-1`, "run", `${name}.stat`);
  return Number(readFileSync(file, "utf8").split(" ")[0]);
}

test("a HelmChart is installed and its status says by which Job", async () => {
  const path = "/apis/helm.cattle.io/v1/namespaces/kube-system/helmcharts/cilium";
  const { status } = await clients.alpha.send({ method: "GET", path });
  expect(status).toEqual({
    jobName: "helm-install-cilium",
    conditions: [
      expect.objectContaining({ type: "JobCreated", status: "True" }),
      { type: "Failed", status: "False" },
    ],
  });
  const job = "/apis/batch/v1/namespaces/kube-system/jobs/helm-install-cilium";
  await until(30, async () => {
    const answer = (await clients.alpha.send({ method: "GET", path: job })) as {
      status: { succeeded?: number };
    };
    return answer.status.succeeded === 1;
  });
});

test("a pod of a headless global service is known in the other region, and forgotten there when it goes", async () => {
  for (const region of names)
    await post(clients[region], "/api/v1/namespaces/default/services", service);
  await until(60, async () => (await addresses("beta", "alpha")).length === 0);
  const milliseconds: number[][] = [];
  // The first time, the regions may still be meeting each other.
  for (const seconds of [60, 5]) {
    await post(clients.alpha, podPath, pod);
    await until(30, async () => (await addresses("alpha")).length === 1);
    const appeared = await until(
      seconds,
      async () => (await addresses("beta", "alpha")).length === 1,
    );
    expect(await addresses("beta", "alpha")).toEqual(await addresses("alpha"));
    expect((await addresses("alpha"))[0]).toMatch(/^10\.201\./);
    await clients.alpha.send({ method: "DELETE", path: `${podPath}/${pod.metadata.name}` });
    await until(30, async () => (await addresses("alpha")).length === 0);
    const gone = await until(5, async () => (await addresses("beta", "alpha")).length === 0);
    milliseconds.push([appeared, gone]);
  }
  console.log(`known elsewhere and forgotten after milliseconds: ${JSON.stringify(milliseconds)}`);
});

test("a region reads another's state and nothing else, and writes nothing", async () => {
  const guest = etcd("beta", "alpha", "remote");
  expect((await guest.range("cilium/state/services/")).includes("broadcaster-headless")).toBe(true);
  await expect(guest.range("cilium/cache/")).rejects.toThrow(/permission denied/);
  await expect(guest.put("cilium/state/services/v1/beta/x", "x")).rejects.toThrow(
    /permission denied/,
  );
});

test("a certificate of another authority does not open a region's mesh store", async () => {
  const { admin } = await issue("alpha", foreign);
  await expect(etcd("alpha", "alpha", "admin", admin).range("cilium/")).rejects.toThrow(
    /UNAVAILABLE|certificate/,
  );
});

test("a killed mesh server comes back, and peers learn what happened meanwhile", async () => {
  const before = recorded("alpha", "mesh-etcd");
  process.kill(before, "SIGKILL");
  const back = await until(60, async () => recorded("alpha", "mesh-etcd") !== before);
  await post(clients.alpha, podPath, pod);
  await until(30, async () => (await addresses("alpha")).length === 1);
  const caughtUp = await until(120, async () => (await addresses("beta", "alpha")).length === 1);
  expect(await addresses("beta", "alpha")).toEqual(await addresses("alpha"));
  console.log(`mesh etcd again after ${back} ms, peer right after another ${caughtUp} ms`);
});

test("a deleted pod of the mesh server takes its store with it, and the peers rejoin the next one", async () => {
  const [before, server] = ["mesh-etcd", "clustermesh-apiserver"].map((name) =>
    recorded("alpha", name),
  );
  await clients.alpha.send({
    method: "DELETE",
    path: podPath.replace("default", "kube-system"),
    query: { labelSelector: "k8s-app=clustermesh-apiserver" },
  });
  await until(60, async () => recorded("alpha", "mesh-etcd") !== before);
  await clients.alpha.send({ method: "DELETE", path: `${podPath}/${pod.metadata.name}` });
  const caughtUp = await until(120, async () => (await addresses("beta", "alpha")).length === 0);
  expect(recorded("alpha", "clustermesh-apiserver")).not.toBe(server);
  console.log(`peer right ${caughtUp} ms after the new pod's start`);
});

test("a stop ends all programs of the mesh, and resuming brings both regions together again", async () => {
  await stopAll();
  expect(processes()).toEqual([]);
  await resumeAll();
  await post(clients.beta, podPath, pod);
  await until(60, async () => (await addresses("beta")).length === 1);
  const caughtUp = await until(120, async () => (await addresses("alpha", "beta")).length === 1);
  console.log(`regions together ${caughtUp} ms after a resume`);
});

/** Command lines of the processes of this sandbox. */
function processes(): string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const text = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return text.includes(sandbox) ? [text.replaceAll("\0", " ")] : [];
      } catch {
        return [];
      }
    });
}
