import { setTimeout as sleep } from "node:timers/promises";
import { existsSync } from "node:fs";
import { sandboxPath } from "../directory";
import { withProgress } from "../engine/progress";
import { capture, CommandError } from "../engine/run";
import { stackOutputs } from "../engine/stacks";
import { listMachines } from "../machines/power";

const timeoutSeconds = 180;

interface Node {
  metadata: { name: string };
  status: { conditions?: { type: string; status: string }[] };
}

/**
 * Waits until every machine of a region is a Ready node.
 *
 * @returns one sentence for each that is not after three minutes
 */
export async function waitForNodes(region: string): Promise<string[]> {
  const { nodes } = await stackOutputs(region);
  const names = Object.keys(nodes as object);
  return withProgress(`${region}: waiting for ${names.length} nodes`, async () => {
    const deadline = Date.now() + timeoutSeconds * 1000;
    for (;;) {
      const ready = await readyNodes(region);
      const missing = names.filter((name) => !ready.includes(name));
      const hopeless = listMachines().filter(
        ({ name, state }) => missing.includes(name) && state !== "booting",
      );
      if (missing.length === 0) return [];
      if (
        Date.now() > deadline ||
        hopeless.some(({ state }) => state === "refused" || state === "failed")
      ) {
        const sentences = missing.map(
          (name) => `${name} is not a Ready node: see .sandbox/machines/${name}/console.log`,
        );
        process.stderr.write(`${sentences.join("\n")}\n`);
        return sentences;
      }
      await sleep(500);
    }
  });
}

/** Names of the region's Ready nodes; none when its API does not answer. */
export async function readyNodes(region: string): Promise<string[]> {
  const kubeconfig = sandboxPath(region, "kubeconfig");
  if (!existsSync(kubeconfig)) return [];
  try {
    const text = await capture("kubectl", [
      "--kubeconfig",
      kubeconfig,
      "--request-timeout=5s",
      "get",
      "nodes",
      "--output=json",
    ]);
    return (JSON.parse(text) as { items: Node[] }).items
      .filter(isReady)
      .map((node) => node.metadata.name);
  } catch (error) {
    if (error instanceof CommandError) return [];
    throw error;
  }
}

const isReady = (node: Node) =>
  node.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ??
  false;
