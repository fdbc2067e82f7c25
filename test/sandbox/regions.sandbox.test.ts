import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { regionNames } from "../../regions";
import { inventory } from "../../sandbox/clouds/store";
import { sandboxPath } from "../../sandbox/directory";
import { readCheckpoint } from "../../sandbox/engine/checkpoint";
import { capture, pulumi } from "../../sandbox/engine/run";
import { stackOutputs } from "../../sandbox/engine/stacks";
import { listMachines } from "../../sandbox/machines/power";
import { configure, plan } from "../support/plan";
import { makeSandbox, type TestSandbox } from "../support/sandbox";

interface Node {
  metadata: { name: string; labels: Record<string, string> };
  spec: { providerID?: string; taints?: { key: string; effect: string }[] };
  status: {
    addresses: { type: string; address: string }[];
    conditions: { type: string; status: string }[];
  };
}

interface CloudObject {
  id: string;
  name: string;
  ipAddress?: string;
}

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await makeSandbox(11);
});
afterAll(() => sandbox.remove());

const cloud = (kind: string) =>
  inventory("hcloud")
    .filter((entry) => entry.kind === kind)
    .map((entry) => entry.object as unknown as CloudObject);

const idOf = (kind: string, name: string) => cloud(kind).find((object) => object.name === name)?.id;

const kubeconfigPath = (region: string) => sandboxPath(region, "kubeconfig");

const kubectl = (kubeconfig: string, ...words: string[]) =>
  capture("kubectl", ["--kubeconfig", kubeconfig, "--request-timeout=10s", ...words]);

const summary = (region: string, command: string) =>
  readFileSync(sandboxPath(region, `${command}.log`), "utf8").match(
    /Resources:\n((?: {4}.*\n)+)/,
  )?.[1];

/** Command lines of living processes that name this sandbox's directory. */
function processesOfThisSandbox(): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return command.includes(sandboxPath()) ? [command] : [];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}

const unchanged = /^ {4}\d+ unchanged\n$/;

// One after the other: each step goes on from what the one before left.
describe("three regions in the sandbox", () => {
  it("come up, and end in a table that counts every node as Ready", () => {
    const { exitCode, stdout, stderr } = sandbox.run();
    expect(exitCode, stderr).toBe(0);
    for (const region of regionNames) {
      expect(stdout).toMatch(new RegExp(`^${region} +7/7 Ready +https://127\\.`, "m"));
    }
  });

  it("stay as they are when they are brought up again, and nothing is built", () => {
    const { exitCode, stderr } = sandbox.run();
    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toContain("building");
    for (const region of regionNames) expect(summary(region, "up")).toMatch(unchanged);
  });

  it.each(regionNames)("have in %s every machine as a node with its own marks", async (region) => {
    const text = await kubectl(kubeconfigPath(region), "get", "nodes", "--output=json");
    const nodes = (JSON.parse(text) as { items: Node[] }).items;
    const servers = cloud("server").filter(({ name }) => name.startsWith(`${region}-`));
    expect(nodes.map((node) => node.metadata.name).toSorted()).toEqual(
      servers.map((server) => server.name).toSorted(),
    );
    for (const node of nodes) {
      const { name, labels } = node.metadata;
      const address = cloud("primary_ip").find((ip) => ip.name === name)?.ipAddress;
      const pool = name.slice(region.length + 1).replace(/-\d+$/, "");
      expect(labels).toMatchObject({ "meridian.dev/region": region, "meridian.dev/pool": pool });
      expect(node.spec.providerID).toBe(`hcloud://${idOf("server", name)}`);
      expect(node.status.addresses).toContainEqual({ type: "ExternalIP", address });
      expect(node.status.conditions).toContainEqual(
        expect.objectContaining({ type: "Ready", status: "True" }),
      );
      const taints = (node.spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);
      const expected =
        pool === "control-plane" ? ["node-role.kubernetes.io/control-plane:NoSchedule"] : [];
      expect(taints, `taints of ${name}`).toEqual(expected);
    }
  });

  it.each(regionNames)(
    "give out for %s the kubeconfig of the stack, byte for byte",
    async (region) => {
      const { kubeconfig } = await stackOutputs(region);
      expect(readFileSync(kubeconfigPath(region), "utf8")).toBe(kubeconfig);
    },
  );

  it("refuse the administrator of another region, and are refused by its kubeconfig", async () => {
    const [germany, singapore] = ["germany", "singapore"].map((region) =>
      parse(readFileSync(kubeconfigPath(region), "utf8")),
    );
    const refusal = async (mixed: unknown) => {
      writeFileSync(sandboxPath("mixed-kubeconfig"), stringify(mixed));
      return kubectl(sandboxPath("mixed-kubeconfig"), "get", "nodes").then(
        () => "accepted",
        (error: Error) => error.message,
      );
    };
    const foreignUser = structuredClone(singapore);
    foreignUser.users[0].user = germany.users[0].user;
    expect(await refusal(foreignUser)).toMatch(/Unauthorized|must be logged in/);
    const foreignCa = structuredClone(singapore);
    const authority = "certificate-authority-data";
    foreignCa.clusters[0].cluster[authority] = germany.clusters[0].cluster[authority];
    expect(await refusal(foreignCa)).toMatch(/x509: certificate signed by unknown authority/);
  });

  it("show no change in a preview and in a refresh", () => {
    for (const command of ["preview", "refresh"]) {
      const { exitCode, stderr } = sandbox.run(command);
      expect(exitCode, stderr).toBe(0);
      for (const region of regionNames) {
        expect(summary(region, command), `${command} of ${region}`).toMatch(unchanged);
      }
    }
  });

  it("answer any Pulumi command", () => {
    const { exitCode, stdout } = sandbox.run(
      "pulumi",
      "stack",
      "output",
      "-s",
      "germany",
      "apiEndpoint",
    );
    expect(exitCode).toBe(0);
    expect(stdout.trim()).toMatch(/^https:\/\/127\.101\.11\.\d+:6443$/);
  });

  it("plan exactly one node's resources, and the firewall that admits it, when a pool grows by one", async () => {
    await configure("germany", "meridian:pools.media.count", "3");
    const steps = await plan("germany");
    await configure("germany", "meridian:pools.media.count", "2");
    expect(steps.filter((step) => !step.startsWith("update "))).toEqual([
      "create cloudflare:index/dnsRecord:DnsRecord germany-dns-mesh-germany-media-3",
      "create cloudflare:index/dnsRecord:DnsRecord germany-dns-node-germany-media-3",
      "create hcloud:index/primaryIp:PrimaryIp germany-address-media-3",
      "create hcloud:index/server:Server germany-media-3",
    ]);
    const updated = steps.filter((step) => step.startsWith("update "));
    expect(updated.filter((step) => !step.includes("firewall:Firewall"))).toEqual([]);
  });

  it("plan nothing for a new image and a new cloud-init text", async () => {
    sandbox.editProgram("versions.ts", "ubuntu-24.04", "ubuntu-26.04");
    const sysctl = "vm.panic_on_oom = 0";
    sandbox.editProgram(
      "components/cluster/host.ts",
      sysctl,
      `vm.max_map_count = 262144\n  ${sysctl}`,
    );
    const steps = await plan("germany");
    sandbox.editProgram("versions.ts", "ubuntu-26.04", "ubuntu-24.04");
    expect(steps).toEqual([]);
  });

  it("replace exactly the machine that is named, once, and keep its address", async () => {
    const name = "germany-media-1";
    const before = { servers: cloud("server"), addresses: cloud("primary_ip") };
    await configure("germany", "meridian:machines.replace[0]", name);
    expect(await plan("germany")).toEqual(["replace hcloud:index/server:Server germany-media-1"]);
    await pulumi(["up", "--yes", "--skip-preview", "--stack", "germany"]);
    expect(cloud("primary_ip")).toEqual(before.addresses);
    const others = (servers: CloudObject[]) => servers.filter((server) => server.name !== name);
    expect(others(cloud("server"))).toEqual(others(before.servers));
    expect(idOf("server", name)).not.toBe(
      before.servers.find((server) => server.name === name)?.id,
    );
    expect(await plan("germany")).toEqual([]);
    const { exitCode, stdout } = sandbox.run("up", "germany");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("7/7 Ready");
    expect(summary("germany", "up"), "a name that is taken out again changes nothing").toMatch(
      unchanged,
    );
  });

  it("end in an error that names what is protected, and lose nothing by it", () => {
    const before = inventory("hcloud").length;
    const { exitCode, stderr } = sandbox.run("destroy");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("germany-address-control-plane-1");
    expect(stderr).toContain("destroy --unprotect");
    expect(inventory("hcloud")).toHaveLength(before);
  });

  it("leave nothing behind once their protection is lifted", () => {
    expect(processesOfThisSandbox().length).toBeGreaterThan(0);
    const { exitCode, stderr } = sandbox.run("destroy", "--unprotect");
    expect(exitCode, stderr).toBe(0);
    expect(inventory("hcloud")).toEqual([]);
    expect(inventory("cloudflare")).toEqual([]);
    expect(listMachines()).toEqual([]);
    expect(processesOfThisSandbox()).toEqual([]);
    for (const region of regionNames) expect(readCheckpoint(region)?.resources ?? []).toEqual([]);
  });
});
