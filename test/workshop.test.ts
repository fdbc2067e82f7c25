import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { regionNames } from "../regions";
import { charts, containers, type Pin, versions } from "../versions";

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
  const { customManagers, packageRules } = JSON.parse(readFileSync("renovate.json", "utf8")) as {
    customManagers: { matchStrings: string[]; datasourceTemplate: string }[];
    packageRules: { matchFileNames?: string[]; matchPackageNames?: string[]; enabled?: boolean }[];
  };

  it("reads every pin of versions.ts once, with its source and its checksum where there is one", () => {
    const text = readFileSync("versions.ts", "utf8");
    const found = customManagers.flatMap(({ matchStrings, datasourceTemplate }) =>
      matchStrings
        .flatMap((pattern) => [...text.matchAll(new RegExp(pattern, "gu"))])
        .map((match) => ({ datasource: datasourceTemplate, ...match.groups })),
    );
    const wanted = [
      ...Object.values<Pin>(versions).map(pinned),
      // Cilium's chart has no version of its own.
      ...Object.values(charts)
        .filter(({ chart }) => chart !== charts.cilium.chart)
        .map(({ repo, chart, version }) => ({
          datasource: "helm",
          registryUrl: repo,
          depName: chart,
          currentValue: version,
        })),
      ...Object.values(containers).map((image) => {
        const [depName, currentValue, digest] = image.replace("@sha256", "").split(":");
        return {
          datasource: "docker",
          depName,
          currentValue,
          currentDigest: `sha256:${digest}`,
        };
      }),
    ];
    expect(found).toHaveLength(wanted.length);
    expect(found).toEqual(expect.arrayContaining(wanted));
  });

  it("moves just the tools of the sandbox that follow no pin, each by the module that its go.mod requires", () => {
    const rule = packageRules.find(({ enabled }) => enabled === true);
    const [, names = ""] = /^sandbox\/tools\/\{(.+)\}\/go\.mod$/u.exec(
      rule?.matchFileNames?.join() ?? "",
    ) ?? [""];
    const tools = names.split(",");
    const required = tools.map((tool) => readFileSync(`sandbox/tools/${tool}/go.mod`, "utf8"));
    expect(rule?.matchPackageNames).toHaveLength(tools.length);
    rule?.matchPackageNames?.forEach((module, index) => {
      expect(required[index]).toMatch(new RegExp(`\\s${module} v\\d`, "u"));
    });
  });
});

/** What the bot must know of a pin. */
function pinned({ name, version, sha256, commit }: Pin): Record<string, string> {
  const found = { depName: name, currentValue: version };
  if (sha256 !== undefined)
    return { datasource: "github-release-attachments", ...found, currentDigest: sha256 };
  if (commit !== undefined) return { datasource: "github-tags", ...found, currentDigest: commit };
  return { datasource: "github-releases", ...found };
}
