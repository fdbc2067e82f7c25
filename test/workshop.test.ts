import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { regionNames } from "../regions";
import { versions } from "../versions";

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  steps: Step[];
  permissions?: Record<string, string>;
  strategy?: { matrix: Record<string, unknown> };
}

interface Workflow {
  permissions: Record<string, string>;
  defaults: unknown;
  jobs: Record<string, Job>;
}

const folder = ".github/workflows";
const workflows = readdirSync(folder).map((name): [string, Workflow] => [
  name,
  parse(readFileSync(`${folder}/${name}`, "utf8")) as Workflow,
]);

const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);

describe.each(workflows)("workflow %s", (_name, workflow) => {
  it("pins every action by its full commit", () => {
    const uses = stepsOf(workflow).flatMap((step) => step.uses ?? []);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/u.test(action))).toEqual([]);
  });

  it("may only read unless a job says more", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    const writes = Object.values(workflow.jobs).flatMap(({ permissions = {} }) =>
      Object.entries(permissions).filter(([, level]) => level === "write"),
    );
    expect(writes.length).toBeLessThanOrEqual(1);
  });

  it("hands no expression to a shell, where its text would be run", () => {
    const scripts = stepsOf(workflow).flatMap((step) => step.run ?? []);
    expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
  });

  it("fails when any command of a pipe fails", () => {
    expect(workflow.defaults).toEqual({ run: { shell: "bash" } });
  });

  it("runs on the Node version that package.json asks for, for every region", () => {
    const asked = (
      JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } }
    ).engines.node;
    const nodes = stepsOf(workflow).flatMap((step) => step.with?.["node-version"] ?? []);
    expect(nodes.filter((node) => asked !== `>=${node as number}`)).toEqual([]);
    const stacks = Object.values(workflow.jobs).flatMap(
      (job) => job.strategy?.matrix["stack"] ?? [],
    );
    expect([[], [...regionNames]]).toContainEqual(stacks);
  });
});

describe("the version bot", () => {
  it("reads every pin of versions.ts, with its checksum where there is one", () => {
    const { customManagers } = JSON.parse(readFileSync("renovate.json", "utf8")) as {
      customManagers: { matchStrings: string[] }[];
    };
    const text = readFileSync("versions.ts", "utf8");
    const found = customManagers
      .flatMap(({ matchStrings }) => matchStrings)
      .flatMap((pattern) => [...text.matchAll(new RegExp(pattern, "gu"))])
      .map((match) => ({ ...match.groups }));
    const pins = Object.values<{ name: string; version: string; sha256?: string }>(versions);
    const wanted = pins.map(({ name, version, sha256 }) => ({
      depName: name,
      currentValue: version,
      ...(sha256 === undefined ? {} : { currentDigest: sha256 }),
    }));
    expect(found).toHaveLength(wanted.length);
    expect(found).toEqual(expect.arrayContaining(wanted));
  });
});
