import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "./atomicFile";

/** A holder only reads and writes a few small files, so one that is this old, in milliseconds, no longer exists. */
const oldestHolderMs = 60_000;

/** Past turns that stay on disk, so that the newest is never missed while others are being removed. */
const turnsKept = 16;

/**
 * Runs `work` while no other process does so for the same directory, without a daemon. Each holder takes the next
 * numbered turn by exclusive creation of its file; a turn ends when its file says "free", or when its process is
 * gone, so that a killed process blocks nobody. `work` must be synchronous.
 */
export function withLock<T>(directory: string, work: () => T): T {
  mkdirSync(directory, { recursive: true });
  const turn = take(directory);
  try {
    return work();
  } finally {
    writeAtomically(join(directory, String(turn)), "free");
  }
}

function take(directory: string): number {
  const draft = join(directory, `.${process.pid}-${Math.random().toString(36).slice(2)}`);
  writeAtomically(draft, owner(process.pid));
  try {
    for (;;) {
      const newest = newestTurn(directory);
      if (ended(directory, newest) && claim(directory, draft, newest + 1)) return newest + 1;
      sleep(2);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function claim(directory: string, draft: string, turn: number): boolean {
  const file = join(directory, String(turn));
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  // A process that slept since it looked may have created a turn that is long over and was tidied away.
  if (newestTurn(directory) !== turn) {
    rmSync(file);
    return false;
  }
  for (const past of turns(directory)) {
    if (past <= turn - turnsKept) rmSync(join(directory, String(past)), { force: true });
  }
  return true;
}

const turns = (directory: string) =>
  readdirSync(directory)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const newestTurn = (directory: string) => Math.max(0, ...turns(directory));

function ended(directory: string, turn: number): boolean {
  if (turn === 0) return true;
  const file = join(directory, String(turn));
  try {
    const holder = readFileSync(file, "utf8");
    if (holder === "free") return true;
    const pid = Number(holder.split(" ")[0]);
    return owner(pid) !== holder || Date.now() - statSync(file).mtimeMs > oldestHolderMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** A process in words: its id and, where the system tells, when it started, because ids are used again. */
function owner(pid: number): string {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return "gone";
  }
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name, in parentheses, may hold spaces; the start time is the 20th field after it.
    return `${pid} ${status.slice(status.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return String(pid);
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
