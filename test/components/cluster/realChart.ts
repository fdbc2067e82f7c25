import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { versions } from "../../../versions";

type Values = Record<string, unknown>;

/** A Kubernetes object of a rendered chart. */
export interface RenderedObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

/** Directory of a Go module at a version, downloaded when it is not there yet. */
export function moduleDirectory(module: string, version: string): string {
  const command = ["go", "mod", "download", "-json", `${module}@${version}`] as const;
  const [program, ...args] = command;
  // Outside of the checkout, so that no go.mod of ours has a say in it.
  const answer = execFileSync(program, args, { cwd: tmpdir(), encoding: "utf8" });
  return (JSON.parse(answer) as { Dir: string }).Dir;
}

/** The objects that real Helm makes of a chart with these values, as text. Fails when the chart's schema refuses them. */
export function renderText(
  chart: string,
  release: string,
  namespace: string,
  values: Values,
): string {
  const directory = mkdtempSync(join(tmpdir(), "chart-"));
  try {
    const file = join(directory, "values.json");
    writeFileSync(file, JSON.stringify(values));
    const helm = resolve(".sandbox", "bin", "helm");
    const args = ["template", release, chart, "--namespace", namespace, "--values", file];
    const kubernetes = versions.k3s.version.replace(/^v|\+.*$/gu, "");
    return execFileSync(helm, [...args, "--kube-version", kubernetes], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 64 * 1024 * 1024,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The objects in a rendered text. */
export const objectsIn = (text: string) =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as RenderedObject | null)
    .filter((object) => object !== null);

/**
 * Paths of our values that the chart's own values file does not have: misspelt ones, and ones that a newer chart has
 * dropped, which Helm takes without a word. Below an empty object or list the chart leaves the keys to us.
 */
export function unknownKeys(chart: string, values: Values): string[] {
  return missing(values, parse(readFileSync(join(chart, "values.yaml"), "utf8")) as Values, "");
}

function missing(ours: Values, theirs: Values, path: string): string[] {
  return Object.entries(ours).flatMap(([key, value]) => {
    const here = path === "" ? key : `${path}.${key}`;
    if (!(key in theirs)) return [here];
    const known = theirs[key];
    return isObject(value) && isObject(known) && Object.keys(known).length > 0
      ? missing(value, known, here)
      : [];
  });
}

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
