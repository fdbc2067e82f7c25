import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { machinePath, readJson, writeJson } from "./disk";

/** A process that belongs to a machine. */
interface Recorded {
  name: string;
  pid: number;
  /** Tells this process from a later one with the same number. */
  startTime: string;
}

const graceMilliseconds = 5_000;

/**
 * Starts a program that outlives this one, its output appended to the machine's logs, and records it. Nothing happens
 * when the machine already runs a program of that name.
 */
export function startDaemon(machine: string, name: string, command: string, args: string[]): void {
  if (isRunning(machine, name)) return;
  mkdirSync(machinePath(machine, "logs"), { recursive: true });
  startRecorded(machine, name, command, args, join("logs", `${name}.log`));
}

/** Starts and records a detached process whose output goes to a file of the machine's directory. */
export function startRecorded(
  machine: string,
  name: string,
  command: string,
  args: string[],
  output: string,
): ChildProcess {
  const file = openSync(machinePath(machine, output), "a", 0o600);
  const child = spawn(command, args, {
    cwd: machinePath(machine),
    detached: true,
    stdio: ["ignore", file, file],
    env: environment(),
  });
  closeSync(file);
  child.on("error", () => undefined);
  child.unref();
  const startTime = child.pid === undefined ? undefined : startTimeOf(child.pid);
  if (child.pid === undefined || startTime === undefined) {
    throw new Error(`${command} did not start: see ${machinePath(machine, output)}`);
  }
  const others = recorded(machine).filter((process) => process.name !== name);
  writeJson(recordPath(machine), [...others, { name, pid: child.pid, startTime }]);
  return child;
}

/** Whether the recorded process of that name lives. */
export function isRunning(machine: string, name: string): boolean {
  return recorded(machine).some((process) => process.name === name && lives(process));
}

/** The last line of a daemon's log, which says why it ended. */
export function lastWords(machine: string, name: string): string {
  const lines = readFileSync(machinePath(machine, "logs", `${name}.log`), "utf8")
    .trimEnd()
    .split("\n");
  return lines.at(-1) ?? "it said nothing";
}

/**
 * Ends a machine's processes, or the one of a name: boot first, so that it starts no more, then the youngest first, so
 * that clients go before their servers. SIGTERM, after five seconds SIGKILL.
 */
export async function endProcesses(machine: string, only?: string): Promise<void> {
  await end(recorded(machine).find(({ name }) => name === "boot"));
  for (const process of recorded(machine).toReversed()) {
    if (only === undefined || process.name === only) await end(process);
  }
}

async function end(process: Recorded | undefined): Promise<void> {
  if (!process) return;
  signal(process, "SIGTERM");
  const deadline = Date.now() + graceMilliseconds;
  while (lives(process) && Date.now() < deadline) await sleep(10);
  signal(process, "SIGKILL");
  while (lives(process)) await sleep(10);
}

function signal(recordedProcess: Recorded, name: "SIGTERM" | "SIGKILL"): void {
  if (!lives(recordedProcess)) return;
  try {
    process.kill(recordedProcess.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function recordPath(machine: string): string {
  return machinePath(machine, "processes.json");
}

function recorded(machine: string): Recorded[] {
  return (readJson(recordPath(machine)) as Recorded[] | undefined) ?? [];
}

function lives({ pid, startTime }: Recorded): boolean {
  return startTimeOf(pid) === startTime;
}

/** Start of a process in clock ticks since the machine's start; undefined for one that ended, reaped or not. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Only what a daemon needs: the settings and secrets of whoever called are none of its business. */
function environment(): NodeJS.ProcessEnv {
  const names = ["PATH", "HOME", "TMPDIR", "MERIDIAN_SANDBOX"];
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}
