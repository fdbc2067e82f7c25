import { buildSync } from "esbuild";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installLibrary } from "../../../sandbox/charts/library";
import type { ApiClient } from "../../../sandbox/kubernetes/client";
import { ApiError } from "../../../sandbox/kubernetes/client";
import { adminClient } from "../../../sandbox/machines/adminClient";
import { createAuthorities } from "../../../sandbox/machines/certificates";
import { listMachines, powerOn, stopAll } from "../../../sandbox/machines/power";
import { token, userData } from "../machines/userData";

const checkout = join(__dirname, "../../..");
const sandbox = mkdtempSync(join(tmpdir(), "meridian-charts-"));
const address = "127.97.3.1";
const system = "namespaces/kube-system";
const charts = `/apis/helm.cattle.io/v1/${system}/helmcharts`;
let client: ApiClient;

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
  const authorities = await createAuthorities();
  const config = { token: token(authorities, "server", "word"), "cluster-init": true };
  await powerOn({
    id: "1",
    name: "charts-control-plane-1",
    location: "fsn1",
    serverType: "ccx23",
    ipv4Address: address,
    userData: userData({ role: "server", config, authorities }),
    labels: {},
  });
  await until(async () => listMachines()[0]?.state === "ready");
  client = await adminClient("charts");
  await until(async () => (await get(charts)) !== undefined);
});

afterAll(async () => {
  await stopAll();
  rmSync(sandbox, { recursive: true, force: true });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const started = Date.now();
  while (!(await isSo())) {
    if (Date.now() - started > 60_000) throw new Error(`not so after 60 s: ${String(isSo)}`);
    await sleep(50);
  }
}

/** What these tests read of the objects. */
interface Answer {
  data?: Record<string, string>;
  spec?: { replicas?: number };
  status?: {
    succeeded?: number;
    conditions?: { type: string; status: string; message?: string }[];
  };
}

async function get(path: string): Promise<Answer | undefined> {
  const answer: Promise<Answer> = client.send({ method: "GET", path });
  return answer.catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 404) return undefined;
    throw error;
  });
}

async function create(name: string, spec: object): Promise<void> {
  const body = { apiVersion: "helm.cattle.io/v1", kind: "HelmChart", metadata: { name }, spec };
  await client.send({ method: "POST", path: charts, body });
}

async function change(path: string, body: object): Promise<void> {
  await client.send({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
}

async function failure(name: string): Promise<string | undefined> {
  const conditions = (await get(`${charts}/${name}`))?.status?.conditions ?? [];
  return conditions.find(({ type, status }) => type === "Failed" && status === "True")?.message;
}

const isComplete = async (job: string): Promise<boolean> =>
  (await get(`/apis/batch/v1/${system}/jobs/${job}`))?.status?.succeeded === 1;

const cilium = {
  repo: "https://helm.cilium.io",
  chart: "cilium",
  version: "1.20.2",
  targetNamespace: "kube-system",
  failurePolicy: "retry",
  forceConflicts: true,
  bootstrap: true,
};

/** A Job of the kubectl image with its own account, as the program makes them. */
async function kubectlJob(name: string, commands: string[][], resources: string[]): Promise<void> {
  const metadata = { name };
  await client.send({
    method: "POST",
    path: `/api/v1/${system}/serviceaccounts`,
    body: { metadata },
  });
  const rules = resources.map((each) => {
    const [group = "", resource = ""] = each.split("/");
    return {
      apiGroups: [group],
      resources: [resource],
      verbs: ["get", "list", "watch", "create", "patch"],
    };
  });
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  await client.send({ method: "POST", path: `${rbac}/clusterroles`, body: { metadata, rules } });
  const binding = {
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name, namespace: "kube-system" }],
  };
  await client.send({ method: "POST", path: `${rbac}/clusterrolebindings`, body: binding });
  const all = commands.map((args, index) => ({
    name: `c${index}`,
    image: "registry.k8s.io/kubectl:v1",
    args,
  }));
  const spec = {
    restartPolicy: "OnFailure",
    serviceAccountName: name,
    initContainers: all.slice(0, -1),
    containers: all.slice(-1),
  };
  const job = { metadata, spec: { template: { spec } } };
  await client.send({ method: "POST", path: `/apis/batch/v1/${system}/jobs`, body: job });
}

test("a kubectl Job applies upstream's files from the library with the rights of its account, and only then completes", async () => {
  const folder =
    "https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/abc/config/crd/standard";
  const files = ["gatewayclasses", "gateways"].map(
    (name) => `--filename=${folder}/gateway.networking.k8s.io_${name}.yaml`,
  );
  const established = "customresourcedefinition/gateways.gateway.networking.k8s.io";
  const commands = [
    ["apply", "--server-side", ...files],
    ["wait", "--for=condition=Established", established, "--timeout=1m"],
  ];
  await kubectlJob("no-rights", commands, []);
  await kubectlJob("gateway-api", commands, ["apiextensions.k8s.io/customresourcedefinitions"]);
  await until(() => isComplete("gateway-api"));
  expect(await get("/apis/gateway.networking.k8s.io/v1/gateways")).toBeDefined();
  expect(await isComplete("no-rights")).toBe(false);
});

test("a chart waits for its Secret, and is installed with its values once it is there", async () => {
  await create("cilium", {
    ...cilium,
    values: {
      cluster: { name: "charts", id: 95 },
      operator: { replicas: 1 },
      gatewayAPI: { enabled: true },
    },
    valuesSecrets: [{ name: "values", keys: ["values.yaml"] }],
  });
  await until(async () => (await failure("cilium")) === "Secret values does not exist");
  expect(await isComplete("helm-install-cilium")).toBe(false);
  const stringData = { "values.yaml": "debug: {enabled: true}" };
  const body = { metadata: { name: "values" }, stringData };
  await client.send({ method: "POST", path: `/api/v1/${system}/secrets`, body });
  await until(() => isComplete("helm-install-cilium"));
  expect(await failure("cilium")).toBeUndefined();
  const config = await get(`/api/v1/${system}/configmaps/cilium-config`);
  expect(config?.data).toMatchObject({ "cluster-name": "charts", debug: "true" });
});

test("a gate sees a chart through to its workloads, and the definitions that its operator makes", async () => {
  const definition = "customresourcedefinition/ciliumnetworkpolicies.cilium.io";
  const commands = [
    [
      "wait",
      "--for=condition=Complete",
      "job/helm-install-cilium",
      "-n=kube-system",
      "--timeout=1m",
    ],
    ["wait", "--for=create", definition, "--timeout=1m"],
    ["wait", "--for=condition=Established", definition, "--timeout=1m"],
    ["rollout", "status", "daemonset/cilium", "-n=kube-system", "--timeout=1m"],
  ];
  await kubectlJob("ready", commands, [
    "batch/jobs",
    "apiextensions.k8s.io/customresourcedefinitions",
    "apps/daemonsets",
  ]);
  await until(() => isComplete("ready"));
  expect(await get("/apis/cilium.io/v2/ciliumnetworkpolicies")).toBeDefined();
});

test("a changed value upgrades the release, and a version that is not at hand is named", async () => {
  await change(`${charts}/cilium`, { spec: { values: { operator: { replicas: 2 } } } });
  const deployment = `/apis/apps/v1/${system}/deployments/cilium-operator`;
  await until(async () => (await get(deployment))?.spec?.replicas === 2);
  await until(() => isComplete("helm-install-cilium"));
  await change(`${charts}/cilium`, { spec: { version: "1.20.1" } });
  await until(async () => (await failure("cilium")) !== undefined);
  expect(await failure("cilium")).toBe("the sandbox has cilium v1.20.2, not 1.20.1");
});

test("of a chart that is not at hand the definitions are applied", async () => {
  await create("cert-manager", { ...cilium, chart: "cert-manager", version: "v1.21.1" });
  await until(() => isComplete("helm-install-cert-manager"));
  expect(await get("/apis/cert-manager.io/v1/clusterissuers")).toBeDefined();
});

test("a deleted HelmChart takes what it installed with it", async () => {
  await client.send({ method: "DELETE", path: `${charts}/cilium` });
  await until(async () => (await get(`${charts}/cilium`)) === undefined);
  expect(await get(`/api/v1/${system}/configmaps/cilium-config`)).toBeUndefined();
});
