import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sandboxPath } from "../directory";
import { capture } from "./run";

/** What the engine remembers of one resource. */
export interface ResourceRecord {
  urn: string;
  type: string;
  id?: string;
}

interface Checkpoint {
  checkpoint: { latest?: { resources?: ResourceRecord[]; pending_operations?: { type: string }[] } };
}

/** Reads a stack's state as the file backend keeps it; undefined when the stack was never made. */
export function readCheckpoint(stack: string): Checkpoint["checkpoint"]["latest"] | undefined {
  const path = sandboxPath("state", ".pulumi", "stacks", "meridian", `${stack}.json`);
  if (!existsSync(path)) return undefined;
  return (JSON.parse(readFileSync(path, "utf8")) as Checkpoint).checkpoint.latest ?? {};
}

/** Takes away the lock of an engine that does not run any more. A living engine keeps its lock. */
export async function breakDeadLock(stack: string): Promise<void> {
  const directory = sandboxPath("state", ".pulumi", "locks", "organization", "meridian", stack);
  const locks = existsSync(directory) ? readdirSync(directory) : [];
  const owners = locks.map((file) => JSON.parse(readFileSync(join(directory, file), "utf8")) as { pid: number });
  if (owners.length === 0 || owners.some(({ pid }) => existsSync(`/proc/${pid}`))) return;
  await capture("pulumi", ["-C", sandboxPath("project"), "cancel", "--yes", "--stack", stack]);
}

/** Forgets operations that a killed engine left half recorded, once what they made has been dealt with. */
export async function dropPendingOperations(stack: string): Promise<void> {
  const project = ["-C", sandboxPath("project"), "stack"];
  const text = await capture("pulumi", [...project, "export", "--stack", stack]);
  const state = JSON.parse(text) as { deployment: { pending_operations?: unknown } };
  delete state.deployment.pending_operations;
  await capture("pulumi", [...project, "import", "--stack", stack], JSON.stringify(state));
}
