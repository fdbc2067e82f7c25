import { readCheckpoint } from "../engine/checkpoint";
import { stackOutputs } from "../engine/stacks";
import { readyNodes } from "./nodes";

interface Outputs {
  apiEndpoint?: string;
  nodes?: Record<string, unknown>;
}

/** Prints one row for each region: its API, Ready and expected nodes, names, and how to reach it. */
export async function printTable(regions: readonly string[]): Promise<void> {
  const rows = await Promise.all(regions.map(rowOf));
  const table = [["REGION", "NODES", "API", "RESOURCES", "KUBECONFIG"], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  process.stdout.write(`\n${table.map(line).join("\n")}\n`);
}

async function rowOf(region: string): Promise<string[]> {
  const resources = readCheckpoint(region)?.resources?.length ?? 0;
  const outputs: Outputs = resources > 0 ? await stackOutputs(region) : {};
  if (!outputs.nodes) return [region, "-", "not up", String(resources), "-"];
  const ready = await readyNodes(region);
  const names = Object.keys(outputs.nodes);
  const count = names.filter((name) => ready.includes(name)).length;
  return [
    region,
    `${count}/${names.length} Ready`,
    outputs.apiEndpoint ?? "-",
    String(resources),
    `.sandbox/${region}/kubeconfig`,
  ];
}
