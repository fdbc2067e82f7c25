import { copyFileSync, existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sandboxPath } from "../directory";
import { pulumi } from "./run";

/** What the engine remembers of one resource. */
export interface ResourceRecord {
  urn: string;
  type: string;
  id?: string;
}

interface Checkpoint {
  checkpoint: {
    latest?: { resources?: ResourceRecord[]; pending_operations?: { type: string }[] };
  };
}

const stateFile = (stack: string) =>
  sandboxPath("state", ".pulumi", "stacks", "meridian", `${stack}.json`);

/**
 * Reads a stack's state as the file backend keeps it; undefined when the stack was never made.
 *
 * @throws when the file is cut off, see {@link restoreCutOffState}
 */
export function readCheckpoint(stack: string): Checkpoint["checkpoint"]["latest"] | undefined {
  if (!existsSync(stateFile(stack))) return undefined;
  const { checkpoint } = JSON.parse(readFileSync(stateFile(stack), "utf8")) as Checkpoint;
  return checkpoint.latest ?? {};
}

/**
 * Takes the state of one step earlier where the engine was killed in the middle of writing: the file backend writes in
 * place, and keeps the file before it as a backup. What the lost step made is then unknown to the state.
 */
export function restoreCutOffState(stack: string): void {
  try {
    readCheckpoint(stack);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    copyFileSync(`${stateFile(stack)}.bak`, stateFile(stack));
  }
}

/** Takes away the lock of an engine that does not run any more. A living engine keeps its lock. */
export async function breakDeadLock(stack: string): Promise<void> {
  const directory = sandboxPath("state", ".pulumi", "locks", "organization", "meridian", stack);
  const locks = existsSync(directory) ? readdirSync(directory) : [];
  const owners = locks.map(
    (file) => JSON.parse(readFileSync(join(directory, file), "utf8")) as { pid: number },
  );
  if (owners.length === 0 || owners.some(({ pid }) => existsSync(`/proc/${pid}`))) return;
  await pulumi(["cancel", "--yes", "--stack", stack]);
}

/** Forgets operations that a killed engine left half recorded, once what they made has been dealt with. */
export async function dropPendingOperations(stack: string): Promise<void> {
  const text = await pulumi(["stack", "export", "--stack", stack]);
  const state = JSON.parse(text) as { deployment: { pending_operations?: unknown } };
  delete state.deployment.pending_operations;
  await pulumi(["stack", "import", "--stack", stack], JSON.stringify(state));
}
