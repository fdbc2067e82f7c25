import { buildSync } from "esbuild";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Authorities } from "../../../sandbox/machines/authorities";
import { createAuthorities, issueLeaf } from "../../../sandbox/machines/certificates";
import { call, type KubeApi } from "../../../sandbox/machines/kubeApi";
import type { Node } from "../../../sandbox/machines/node";
import {
  listMachines,
  powerOff,
  powerOn,
  resumeAll,
  type ServerRecord,
  stopAll,
} from "../../../sandbox/machines/power";
import { token, userData } from "./userData";

const checkout = join(__dirname, "../../..");
const sandbox = mkdtempSync(join(tmpdir(), "meridian-machines-"));
const address = {
  one: "127.98.0.1",
  two: "127.98.0.2",
  agent: "127.98.0.3",
  stranger: "127.98.0.4",
};

let authorities: Authorities;
let others: Authorities;
let serverConfig: Record<string, unknown>;

beforeAll(async () => {
  process.env["MERIDIAN_SANDBOX"] = sandbox;
  symlinkSync(join(checkout, ".sandbox", "bin"), join(sandbox, "bin"));
  mkdirSync(join(sandbox, "lib"));
  buildSync({
    entryPoints: [join(checkout, "sandbox/machines/main.ts")],
    outfile: join(sandbox, "lib", "machine.cjs"),
    bundle: true,
    platform: "node",
    logLevel: "error",
  });
  [authorities, others] = [await createAuthorities(), await createAuthorities()];
  serverConfig = {
    token: token(authorities, "server", "for-servers"),
    "agent-token": token(authorities, "node", "for-agents"),
    "tls-san": ["api.test.example.com"],
    "cluster-cidr": "10.98.0.0/16",
    "service-cidr": "10.99.0.0/16",
    "disable-cloud-controller": true,
    "secrets-encryption": true,
    "kubelet-arg": ["cloud-provider=external"],
    "kube-apiserver-arg": [
      "admission-control-config-file=/etc/rancher/k3s/admission.yaml",
      "audit-policy-file=/etc/rancher/k3s/audit.yaml",
      "audit-log-path=/var/log/k3s/audit.log",
    ],
    // A listener of all regions on one address would clash, so the sandbox keeps each to its own.
    "kube-controller-manager-arg": ["bind-address=0.0.0.0"],
  };
});

afterAll(async () => {
  await stopAll();
  rmSync(sandbox, { recursive: true, force: true });
});

const serverFiles = {
  "/etc/rancher/k3s/audit.yaml":
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n",
  // The plugin's own file is named by an absolute path of the machine.
  "/etc/rancher/k3s/admission.yaml": `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins: [{name: PodSecurity, path: /etc/rancher/k3s/pod-security.yaml}]
`,
  "/etc/rancher/k3s/pod-security.yaml": `apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: restricted, enforce-version: latest}
exemptions: {namespaces: [kube-system]}
`,
};

function machine(id: string, name: string, ipv4Address: string, text: string): ServerRecord {
  return {
    id,
    name,
    location: "fsn1",
    serverType: "ccx13",
    ipv4Address,
    userData: text,
    labels: {},
  };
}

function agentConfig(word: string): Record<string, unknown> {
  return {
    server: `https://${address.one}:6443`,
    token: word,
    "node-ip": address.agent,
    "node-label": ["pool=edge"],
    "node-taint": ["dedicated=edge:NoSchedule"],
    "kubelet-arg": ["cloud-provider=external"],
  };
}

async function outcome(name: string): Promise<{ state: string; message: string }> {
  for (;;) {
    const found = listMachines().find((listed) => listed.name === name);
    if (found && found.state !== "booting") return { state: found.state, message: found.message };
    await sleep(50);
  }
}

async function boot(server: ServerRecord): Promise<{ state: string; message: string }> {
  await powerOn(server);
  return outcome(server.name);
}

async function admin(at = address.one, by = authorities, serverCa = authorities): Promise<KubeApi> {
  const ca = { certificate: by["client-ca.crt"], key: by["client-ca.key"] };
  return {
    address: at,
    ca: serverCa["server-ca.crt"],
    client: await issueLeaf(ca, {
      commonName: "operator",
      organizations: ["system:masters"],
      usages: ["client"],
    }),
  };
}

async function nodes(at = address.one): Promise<Record<string, Node>> {
  const { items } = (await call(await admin(at), "GET", "/api/v1/nodes")) as { items: Node[] };
  return Object.fromEntries(items.map((node) => [node.metadata.name, node]));
}

const isReady = (node: Node | undefined): boolean =>
  node?.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ??
  false;

function processesOf(directory: string): string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const text = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return text.includes(directory) ? [text.replaceAll("\0", " ")] : [];
      } catch {
        return [];
      }
    });
}

test("the first server founds a cluster from the authorities and flags in its cloud-init", async () => {
  const config = {
    ...serverConfig,
    "cluster-init": true,
    "node-ip": address.one,
    "node-label": ["pool=control-plane"],
    "node-taint": ["node-role.kubernetes.io/control-plane=true:NoSchedule"],
  };
  const text = userData({ role: "server", config, authorities, files: serverFiles });
  const started = Date.now();
  expect(await boot(machine("101", "test-control-plane-1", address.one, text))).toEqual({
    state: "ready",
    message: "node of cluster test",
  });
  console.log(`first server ready after ${Date.now() - started} ms`);

  const node = (await nodes())["test-control-plane-1"];
  expect(isReady(node)).toBe(true);
  expect(node?.metadata.labels).toMatchObject({
    pool: "control-plane",
    "kubernetes.io/hostname": "test-control-plane-1",
    "node-role.kubernetes.io/control-plane": "true",
    "node-role.kubernetes.io/etcd": "true",
    "node.kubernetes.io/instance-type": "ccx13",
    "topology.kubernetes.io/region": "fsn1",
  });
  expect(node?.spec).toMatchObject({
    providerID: "hcloud://101",
    taints: [{ key: "node-role.kubernetes.io/control-plane", value: "true", effect: "NoSchedule" }],
  });
  expect(node?.status.addresses).toEqual([
    { type: "Hostname", address: "test-control-plane-1" },
    { type: "ExternalIP", address: address.one },
  ]);
});

test("a certificate of another cluster's CA opens nothing, and another server CA is not trusted", async () => {
  await expect(
    call(await admin(address.one, others), "GET", "/api/v1/nodes"),
  ).rejects.toMatchObject({
    status: 401,
  });
  const distrusting = await admin(address.one, authorities, others);
  await expect(call(distrusting, "GET", "/api/v1/nodes")).rejects.toThrow(/certificate/);
});

test("files named by flags and by those files are read from the machine's disk", async () => {
  const api = await admin();
  await expect
    .poll(() => call(api, "GET", "/api/v1/namespaces/default/serviceaccounts/default"), {
      timeout: 30_000,
    })
    .toBeDefined();
  const pod = {
    metadata: { name: "free" },
    spec: { containers: [{ name: "one", image: "one" }] },
  };
  await expect(call(api, "POST", "/api/v1/namespaces/default/pods", pod)).rejects.toThrow(
    /violates PodSecurity "restricted:latest"/,
  );
  const disk = join(sandbox, "machines", "test-control-plane-1", "disk");
  expect(readFileSync(join(disk, "var/log/k3s/audit.log"), "utf8")).toContain('"level":"Metadata"');
});

test("an agent joins with the agent token and keeps its labels and taints", async () => {
  const word = token(authorities, "node", "for-agents");
  const text = userData({ role: "agent", config: agentConfig(word) });
  const result = await boot(machine("103", "test-edge-1", address.agent, text));
  expect(result).toEqual({ state: "ready", message: "node of cluster test" });
  const node = (await nodes())["test-edge-1"];
  expect(isReady(node)).toBe(true);
  expect(node?.metadata.labels["pool"]).toBe("edge");
  expect(node?.metadata.labels).not.toHaveProperty("node-role.kubernetes.io/control-plane");
  expect(node?.spec.taints).toEqual([{ key: "dedicated", value: "edge", effect: "NoSchedule" }]);
  expect(node?.spec.providerID).toBe("hcloud://103");
});

test("a kubelet may change its own node only, and no label that is an administrator's", async () => {
  const kubelet: KubeApi = {
    ...(await admin()),
    client: await issueLeaf(
      { certificate: authorities["client-ca.crt"], key: authorities["client-ca.key"] },
      {
        commonName: "system:node:test-edge-1",
        organizations: ["system:nodes"],
        usages: ["client"],
      },
    ),
  };
  const patch = { metadata: { labels: { "node-role.kubernetes.io/control-plane": "true" } } };
  const type = "application/merge-patch+json";
  for (const name of ["test-edge-1", "test-control-plane-1"]) {
    const path = `/api/v1/nodes/${name}`;
    await expect(call(kubelet, "PATCH", path, patch, type)).rejects.toMatchObject({ status: 403 });
  }
});

test.each([
  ["a wrong password", () => token(authorities, "node", "guess"), /401 Unauthorized/],
  ["the hash of another CA", () => token(others, "node", "for-agents"), /CA hash does not match/],
])("an agent with %s in its token never becomes a node", async (_, word, reason) => {
  const config = { ...agentConfig(word()), "node-ip": address.stranger };
  const stranger = machine(
    "104",
    "test-edge-2",
    address.stranger,
    userData({ role: "agent", config }),
  );
  const { state, message } = await boot(stranger);
  expect(state).toBe("refused");
  expect(message).toMatch(reason);
  const console = readFileSync(join(sandbox, "machines", "test-edge-2", "console.log"), "utf8");
  expect(console).toMatch(reason);
  expect(Object.keys(await nodes())).not.toContain("test-edge-2");
  await powerOff(stranger);
});

test("a server whose network differs from the cluster's is refused", async () => {
  const config = {
    ...serverConfig,
    server: `https://${address.one}:6443`,
    "cluster-cidr": "10.97.0.0/16",
  };
  const text = userData({ role: "server", config, files: serverFiles });
  const other = machine("105", "test-control-plane-2", address.two, text);
  expect(await boot(other)).toEqual({
    state: "refused",
    message: "critical configuration value mismatch between servers: cluster-cidr",
  });
  await powerOff(other);
});

test("a stop ends every process, and resuming brings the same data back", async () => {
  const api = await admin();
  const secret = { metadata: { name: "kept" }, stringData: { word: "plain-word" } };
  await call(api, "POST", "/api/v1/namespaces/default/secrets", secret);
  const before = (await nodes())["test-edge-1"]?.metadata as { uid?: string } | undefined;
  await stopAll();
  expect(processesOf(sandbox)).toEqual([]);
  expect(listMachines().map(({ running }) => running)).toEqual([false, false]);
  const started = Date.now();
  await resumeAll();
  console.log(`resumed after ${Date.now() - started} ms`);
  const kept = (await call(api, "GET", "/api/v1/namespaces/default/secrets/kept")) as {
    data: { word: string };
  };
  expect(Buffer.from(kept.data.word, "base64").toString()).toBe("plain-word");
  const after = (await nodes())["test-edge-1"]?.metadata as { uid?: string } | undefined;
  expect(after?.uid).toBe(before?.uid);
});

test("the control plane moves to a replacement of its machine, with its data and identity", async () => {
  const joining = (to: string): string =>
    userData({
      role: "server",
      config: { ...serverConfig, server: `https://${to}:6443` },
      files: serverFiles,
    });
  const second = machine("106", "test-control-plane-2", address.two, joining(address.one));
  expect((await boot(second)).state).toBe("ready");
  await powerOff({ id: "101", name: "test-control-plane-1" });
  await expect(nodes()).rejects.toThrow(/ECONNREFUSED/);

  const founding = { ...serverConfig, "cluster-init": true };
  const text = userData({ role: "server", config: founding, authorities, files: serverFiles });
  const splitting = machine("107", "test-control-plane-1", address.one, text);
  expect((await boot(splitting)).message).toContain(
    "it would found a second cluster beside test, whose servers are test-control-plane-2",
  );
  await powerOff(splitting);

  const replacement = machine("108", "test-control-plane-1", address.one, joining(address.two));
  expect((await boot(replacement)).state).toBe("ready");
  const all = await nodes();
  expect(Object.keys(all)).toEqual(["test-control-plane-1", "test-control-plane-2", "test-edge-1"]);
  expect(all["test-control-plane-1"]?.spec.providerID).toBe("hcloud://108");
  await call(await admin(), "GET", "/api/v1/namespaces/default/secrets/kept");
});

test("a server taken away leaves no node, no disk and no process", async () => {
  await powerOff({ id: "999", name: "test-edge-1" });
  expect(Object.keys(await nodes())).toContain("test-edge-1");
  await powerOff({ id: "103", name: "test-edge-1" });
  expect(Object.keys(await nodes())).not.toContain("test-edge-1");
  expect(existsSync(join(sandbox, "machines", "test-edge-1"))).toBe(false);
  await powerOff({ id: "106", name: "test-control-plane-2" });
  await powerOff({ id: "108", name: "test-control-plane-1" });
  expect(processesOf(sandbox)).toEqual([]);
  expect(existsSync(join(sandbox, "clusters", "test"))).toBe(false);
});

test("a boot that is killed half-way is finished by resuming", async () => {
  const config = { ...serverConfig, "cluster-init": true };
  const text = userData({ role: "server", config, authorities, files: serverFiles });
  await powerOn(machine("110", "test-control-plane-1", address.one, text));
  const run = join(sandbox, "machines", "test-control-plane-1", "run");
  await expect
    .poll(() => existsSync(join(run, "etcd.stat")), { timeout: 60_000, interval: 5 })
    .toBe(true);
  const pid = Number(readFileSync(join(run, "boot.stat"), "utf8").split(" ")[0]);
  process.kill(pid, "SIGKILL");
  await expect
    .poll(() => processesOf(`${sandbox}/lib/machine.cjs`), { timeout: 10_000 })
    .toEqual([]);
  await resumeAll();
  expect((await outcome("test-control-plane-1")).state).toBe("ready");
  expect(isReady((await nodes())["test-control-plane-1"])).toBe(true);
  await powerOff({ id: "110", name: "test-control-plane-1" });
  expect(processesOf(sandbox)).toEqual([]);
});
