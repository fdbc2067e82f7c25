import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { regionNames } from "../../regions";
import { inventory } from "../../sandbox/clouds/store";
import { sandboxPath } from "../../sandbox/directory";
import { capture } from "../../sandbox/engine/run";
import { listMachines } from "../../sandbox/machines/power";
import type { Observation } from "../../verify/observation";
import { plan } from "../support/plan";
import { makeSandbox, type TestSandbox } from "../support/sandbox";

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await makeSandbox(13);
  for (const region of regionNames) {
    const file = parse(readFileSync(`Pulumi.${region}.yaml`, "utf8"));
    file.config["meridian:pools"] = {
      "control-plane": { type: "ccx13", count: 1 },
      edge: { type: "ccx13", count: 1 },
    };
    sandbox.writeStackFile(region, stringify(file));
  }
});
afterAll(() => sandbox.remove());

type Seen = Observation & { ok: boolean; holes: string[] };

/** Calls `npm run verify` on this sandbox's regions. */
function verify(timeout: number): { exitCode: number; seen: Seen } {
  const kubeconfigs = regionNames.flatMap((region) => [
    "--kubeconfig",
    `${region}=${sandboxPath(region, "kubeconfig")}`,
  ]);
  const words = ["--json", "--timeout", String(timeout), ...kubeconfigs];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", join("verify", "main.ts"), ...words],
    { encoding: "utf8" },
  );
  if (stdout === "") throw new Error(stderr);
  return { exitCode: status ?? 1, seen: JSON.parse(stdout) as Seen };
}

const linkOf = ({ observer, source }: { observer: string; source: string }) =>
  `${observer} sees ${source}`;

const allLinks = regionNames.flatMap((observer) =>
  regionNames.filter((name) => name !== observer).map((source) => linkOf({ observer, source })),
);

function expectWhole({ exitCode, seen }: ReturnType<typeof verify>): void {
  expect(seen.holes).toEqual([]);
  expect(exitCode).toBe(0);
  expect(seen.links.map(linkOf).toSorted()).toEqual(allLinks.toSorted());
  const seconds = seen.links.map((link) => [
    linkOf(link),
    Number(link.appearedAfter),
    Number(link.goneAfter),
  ]);
  for (const [, appeared, gone] of seconds) {
    expect(appeared).toBeGreaterThan(0);
    expect(gone).toBeGreaterThan(0);
  }
  console.log("seconds until seen, until forgotten:", JSON.stringify(seconds));
}

const kubectl = (region: string, ...words: string[]) =>
  capture("kubectl", ["--kubeconfig", sandboxPath(region, "kubeconfig"), ...words]);

const scaleMeshServer = (region: string, replicas: number) =>
  kubectl(
    region,
    "--namespace=kube-system",
    "scale",
    "deployment/clustermesh-apiserver",
    `--replicas=${replicas}`,
  );

const authorities = (seen: Seen) =>
  Object.values(seen.regions).flatMap(({ certificates }) =>
    certificates.map(({ authority }) => authority),
  );

const summary = (region: string) =>
  readFileSync(sandboxPath(region, "up.log"), "utf8").match(/Resources:\n((?: {4}.*\n)+)/)?.[1];

// One after the other: each step goes on from what the one before left.
describe("three meshed regions in the sandbox", () => {
  let authority: string | undefined;

  it("refuse to begin with another region than the anchor, before anything is made", () => {
    const { exitCode, stderr } = sandbox.run("up", "singapore");
    expect(exitCode).toBe(1);
    const sentence =
      "Region singapore needs the mesh authority of germany, which has not been brought up yet. Run first: pulumi up --stack germany";
    expect(stderr).toContain(sentence);
    // The engine tells each error twice, as it comes and in its summary; nothing else is said.
    expect(stderr.split(sentence)).toHaveLength(3);
    expect(stderr).not.toMatch(/^.*│ +at .+:\d+:\d+/m);
    expect(inventory("hcloud")).toEqual([]);
    expect(inventory("cloudflare")).toEqual([]);
    expect(listMachines()).toEqual([]);
  });

  it("see each other's endpoints within seconds once all are up", () => {
    const { exitCode, stderr } = sandbox.run();
    expect(exitCode, stderr).toBe(0);
    const result = verify(60);
    expectWhole(result);
    authority = authorities(result.seen)[0];
    expect(authority).toMatch(/^[0-9a-f]{64}$/);
  });

  it("lose exactly the links of a region whose mesh server is gone, and find them again by themselves", async () => {
    const replicas = await kubectl(
      "germany",
      "--namespace=kube-system",
      "get",
      "deployment/clustermesh-apiserver",
      "--output=jsonpath={.spec.replicas}",
    );
    await scaleMeshServer("germany", 0);
    await kubectl(
      "germany",
      "--namespace=kube-system",
      "wait",
      "pod",
      "--selector=k8s-app=clustermesh-apiserver",
      "--for=delete",
      "--timeout=60s",
    );
    const broken = verify(8);
    // KVStoreMesh ends with the server, so germany is deaf as well as mute.
    const cut = allLinks.filter((link) => link.includes("germany"));
    const lost = broken.seen.links.filter((link) => link.appearedAfter === undefined);
    console.log(broken.seen.holes.join("\n"));
    expect(broken.exitCode).toBe(1);
    expect(lost.map(linkOf).toSorted()).toEqual(cut.toSorted());
    expect(broken.seen.holes).toHaveLength(cut.length);
    for (const { observer, source } of lost) {
      expect(broken.seen.holes.join("\n")).toContain(`${observer} does not see ${source}: `);
    }
    await scaleMeshServer("germany", Number(replicas));
    expectWhole(verify(120));
  });

  it("stay as they are when they are brought up again", () => {
    const { exitCode, stderr } = sandbox.run();
    expect(exitCode, stderr).toBe(0);
    for (const region of regionNames) expect(summary(region)).toMatch(/^ {4}\d+ unchanged\n$/);
  });

  it("take a region that was made anew back into the mesh, and plan nothing for the others", async () => {
    const gone = sandbox.run("destroy", "--unprotect", "singapore");
    expect(gone.exitCode, gone.stderr).toBe(0);
    expect(listMachines().some(({ name }) => name.startsWith("singapore-"))).toBe(false);
    const { exitCode, stderr } = sandbox.run("up", "singapore");
    expect(exitCode, stderr).toBe(0);
    for (const region of regionNames.filter((name) => name !== "singapore")) {
      expect(await plan(region), region).toEqual([]);
    }
    const result = verify(120);
    expectWhole(result);
    expect(new Set(authorities(result.seen))).toEqual(new Set([authority]));
  });
});
