import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeAtomically } from "../clouds/atomicFile";
import { machinePath } from "./disk";

/** A process that belongs to a machine. */
interface Recorded {
  name: string;
  pid: number;
  /** Clock ticks since this computer started: tells the process from a later one with the same number. */
  startTime: number;
}

/** The programs of a control plane in the order in which each needs those before it. */
export const daemons = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
] as const;

const graceMilliseconds = 5_000;

/** What acts on a cluster's objects in place of k3s' Helm controller and of the kubelets that run Cilium's mesh. */
export const actors = ["helm-controller", "mesh"] as const;

/**
 * The process writes down itself what it is before it becomes the program, so that it is known even when whoever
 * started it is killed in the same moment.
 */
const recordAndRun = 'cat "/proc/$$/stat" > "$0.new" && mv "$0.new" "$0" && exec "$@"';

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
): void {
  const log = openSync(machinePath(machine, output), "a", 0o600);
  const record = machinePath(machine, "run", `${name}.stat`);
  mkdirSync(machinePath(machine, "run"), { recursive: true });
  const child = spawn("/bin/sh", ["-c", recordAndRun, record, command, ...args], {
    cwd: machinePath(machine),
    detached: true,
    stdio: ["ignore", log, log],
    env: environment(),
  });
  closeSync(log);
  child.on("error", () => undefined);
  child.unref();
  const stat = child.pid === undefined ? undefined : readStat(child.pid);
  if (stat === undefined) {
    throw new Error(`${command} did not start: see ${machinePath(machine, output)}`);
  }
  // The same text that the process writes itself, but already here when this function returns.
  writeAtomically(record, stat);
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
 * Ends a machine's processes: first those that start others, then clients before their servers, because an API server
 * without its datastore takes long to end. SIGTERM, after five seconds SIGKILL.
 */
export async function endProcesses(machine: string): Promise<void> {
  for (const name of ["boot", ...actors]) await endProcess(machine, name);
  const names = recorded(machine).map(({ name }) => name);
  const isDaemon = (name: string): boolean => daemons.some((daemon) => daemon === name);
  await Promise.all(
    names.filter((name) => !isDaemon(name)).map((name) => endProcess(machine, name)),
  );
  for (const name of daemons.toReversed()) await endProcess(machine, name);
}

/** Ends one process of a machine, if it runs. */
export async function endProcess(machine: string, name: string): Promise<void> {
  const process = recorded(machine).find((candidate) => candidate.name === name);
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

function recorded(machine: string): Recorded[] {
  const written = files(machinePath(machine, "run")).filter((file) => file.endsWith(".stat"));
  return written.flatMap((file) => {
    const process = parseStat(readFileSync(machinePath(machine, "run", file), "latin1"));
    return process ? [{ name: basename(file, ".stat"), ...process }] : [];
  });
}

function files(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function lives({ pid, startTime }: Recorded): boolean {
  const now = parseStat(readStat(pid) ?? "");
  // A process that ended and that nobody has asked about yet is a zombie (Z).
  return now?.startTime === startTime && now.state !== "Z" && now.state !== "X";
}

function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
}

/** Reads a line of /proc/<pid>/stat, where the third field is the state and the twenty-second the start time. */
function parseStat(stat: string): { pid: number; startTime: number; state: string } | undefined {
  const [, pid, rest] = /^(\d+) \(.*\) (.*)$/s.exec(stat) ?? [];
  const fields = rest?.split(" ") ?? [];
  const [state, startTime] = [fields[0], fields[19]];
  if (!pid || !state || !startTime) return undefined;
  return { pid: Number(pid), startTime: Number(startTime), state };
}

/** Only what a daemon needs: the settings and secrets of whoever called are none of its business. */
function environment(): NodeJS.ProcessEnv {
  const names = ["PATH", "HOME", "TMPDIR", "MERIDIAN_SANDBOX"];
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}
