import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sandboxPath } from "../directory";
import { pulumi } from "./run";

/** What the engine remembers of one resource. */
export interface ResourceRecord {
  urn: string;
  type: string;
  id?: string;
  protect?: boolean;
}

interface Checkpoint {
  checkpoint: {
    latest?: { resources?: ResourceRecord[]; pending_operations?: { type: string }[] };
  };
}

const stateFile = (stack: string) =>
  sandboxPath("state", ".pulumi", "stacks", "meridian", `${stack}.json`);

/** Reads a stack's state as the file backend keeps it; undefined when the stack was never made. */
export function readCheckpoint(stack: string): Checkpoint["checkpoint"]["latest"] | undefined {
  if (!existsSync(stateFile(stack))) return undefined;
  const { checkpoint } = JSON.parse(readFileSync(stateFile(stack), "utf8")) as Checkpoint;
  return checkpoint.latest ?? {};
}

/**
 * Removes what a killed engine may leave cut off beside a state file. The file backend writes the state itself in one
 * piece, but not the attributes next to it, and then cannot read either ("failed to load checkpoint: EOF"). It does
 * without attributes, and writes them anew with the next state.
 */
export function removeCutOffAttributes(stack: string): void {
  for (const file of [`${stateFile(stack)}.attrs`, `${stateFile(stack)}.bak.attrs`]) {
    if (!existsSync(file)) continue;
    try {
      JSON.parse(readFileSync(file, "utf8"));
    } catch {
      rmSync(file);
    }
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
