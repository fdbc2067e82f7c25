import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { inventory } from "../../sandbox/clouds/store";
import { up } from "../../sandbox/commands/up";
import { sandboxPath } from "../../sandbox/directory";
import { readCheckpoint } from "../../sandbox/engine/checkpoint";
import { prepareWorkspace } from "../../sandbox/engine/workspace";
import { plan } from "../support/plan";
import { makeSandbox, type TestSandbox } from "../support/sandbox";

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await makeSandbox(12);
  // The smallest region that has every kind of resource keeps twenty rounds short.
  const file = parse(readFileSync("Pulumi.germany.yaml", "utf8")) as {
    config: Record<string, unknown>;
  };
  const pools = {
    "control-plane": { type: "ccx13", count: 1 },
    edge: { type: "ccx13", count: 1 },
  };
  sandbox.writeStackFile(
    "germany",
    stringify({ config: { ...file.config, "meridian:pools": pools } }),
  );
});
afterAll(() => sandbox.remove());

/** A small generator (mulberry32), so that a failing round can be repeated by its seed. */
function random(seed: number): number {
  let t = (seed * 0x9e3779b9) | 0;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

const pick = <T>(seed: number, choices: readonly T[]): T =>
  choices[Math.floor(random(seed) * choices.length)] as T;

/** Starts an `up` and kills the engine the hard way once it has made so many resources. */
async function killAfter(created: number): Promise<void> {
  const engine: ChildProcess = spawn("pulumi", [
    "-C",
    sandboxPath("project"),
    "up",
    "--yes",
    "--skip-preview",
    "--non-interactive",
    "--color",
    "never",
    "--stack",
    "germany",
  ]);
  let seen = 0;
  engine.stdout?.on("data", (text: Buffer) => {
    seen += text.toString().match(/ created \(/g)?.length ?? 0;
    if (seen >= created) engine.kill("SIGKILL");
  });
  const [, signal] = (await once(engine, "close")) as [number | null, string | null];
  expect(signal, `the up ended before ${created} resources were made`).toBe("SIGKILL");
}

const byProvider = (type: string) => /^(hcloud|cloudflare):/.test(type);

/** Ids in the clouds and ids in the state: alike when nothing was made twice and nothing was forgotten. */
function bothSides(): { clouds: string[]; state: string[] } {
  const clouds = [...inventory("hcloud"), ...inventory("cloudflare")];
  const resources = readCheckpoint("germany")?.resources ?? [];
  return {
    clouds: clouds.map(({ object }) => object.id).toSorted(),
    state: resources.flatMap(({ type, id }) => (byProvider(type) && id ? [id] : [])).toSorted(),
  };
}

/** What the next `up` comes to, without hands. */
async function converged() {
  const exitCode = await up(["germany"]);
  const pending = readCheckpoint("germany")?.pending_operations ?? [];
  const { clouds, state } = bothSides();
  const difference = {
    onlyInClouds: clouds.filter((id) => !state.includes(id)),
    onlyInState: state.filter((id) => !clouds.includes(id)),
  };
  return { exitCode, pending, difference, plan: await plan("germany") };
}

const convergence = {
  exitCode: 0,
  pending: [],
  difference: { onlyInClouds: [], onlyInState: [] },
  plan: [],
};

describe("an up that is cut off", () => {
  beforeEach(async () => {
    await sandbox.reset();
    await prepareWorkspace(["germany"]);
  });

  // The whole up makes 150 resources: the points lie between the first address and the last Kubernetes objects.
  it.each(Array.from({ length: 10 }, (_, index) => index + 1))(
    "by the death of the engine is completed by the next one (seed %i)",
    async (seed) => {
      await killAfter(1 + Math.floor(random(seed) * 100));
      expect(await converged()).toEqual(convergence);
    },
  );

  it.each(Array.from({ length: 10 }, (_, index) => index + 101))(
    "by a fault of a cloud is completed by the next one (seed %i)",
    async (seed) => {
      const [provider, type] = pick(seed, [
        ["hcloud", "Server"],
        ["hcloud", "PrimaryIp"],
        ["hcloud", "Firewall"],
        ["hcloud", "PlacementGroup"],
        ["cloudflare", "DnsRecord"],
      ] as const);
      const fault = pick(seed + 1000, [
        "429",
        "500",
        "503",
        "resource_unavailable",
        "crash-before-commit",
        "crash-after-commit",
      ]);
      const after = pick(seed + 2000, [0, 1]);
      // A client tries a 429 again five times by itself; the sixth in a row becomes the user's error.
      const times = fault === "429" ? 6 : 1;
      const entry = { provider, type, action: "create", after, times, fault };
      writeFileSync(sandboxPath("faults.json"), JSON.stringify([entry]));
      expect(await up(["germany"]), `${JSON.stringify(entry)} must fail the up`).toBe(1);
      rmSync(sandboxPath("faults.json"));
      expect(await converged()).toEqual(convergence);
    },
  );
});
