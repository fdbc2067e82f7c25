import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { sandboxPath } from "../directory";

/** A server as the cloud knows it. */
export interface ServerRecord {
  /** Hetzner's number of the server. */
  id: string;
  name: string;
  /** Hetzner location, for example `fsn1`. */
  location: string;
  /** Hetzner server type, for example `ccx13`. */
  serverType: string;
  /** Its Primary IP, an address of 127.0.0.0/8 here. */
  ipv4Address: string;
  userData: string;
  labels: Record<string, string>;
}

/** How far a machine came. */
export type MachineState = "booting" | "ready" | "refused" | "failed";

/** What `machine.json` says. */
export interface Machine {
  server: Omit<ServerRecord, "userData">;
  state: MachineState;
  /** Why it was refused or failed, or what it is. */
  message: string;
  /** The cluster it belongs to, known once it is founded or joined. */
  cluster?: string;
  role?: "server" | "agent";
  /** Name of its Node, known once it registers. */
  node?: string;
}

/** A path in the directory of a machine, which has machine.json, user-data, console.log, logs/ and disk/. */
export function machinePath(name: string, ...parts: string[]): string {
  return sandboxPath("machines", name, ...parts);
}

/** Where a path of the machine lies on this one. */
export function diskPath(name: string, path: string): string {
  return join(machinePath(name, "disk"), path);
}

/** Names of all machines that have a disk, in order. */
export function machineNames(): string[] {
  const directory = sandboxPath("machines");
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => existsSync(machinePath(name, "machine.json")))
    .toSorted();
}

/** The record of a machine, or undefined when there is no such machine. */
export function readMachine(name: string): Machine | undefined {
  return readJson(machinePath(name, "machine.json")) as Machine | undefined;
}

/** Changes parts of a machine's record; nothing happens when its disk is gone. */
export function updateMachine(name: string, change: Partial<Machine>): void {
  const machine = readMachine(name);
  if (machine) writeJson(machinePath(name, "machine.json"), { ...machine, ...change });
}

/** Adds a line to the machine's console. */
export function log(name: string, line: string): void {
  if (!existsSync(machinePath(name))) return;
  appendFileSync(
    machinePath(name, "console.log"),
    `${new Date().toISOString()} ${line.trimEnd()}\n`,
  );
}

/** Writes a file and the directories above it. */
export function writeFile(path: string, content: string | Buffer, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
}

/** Writes JSON so that a reader sees the old or the new text, never half of it. */
export function writeJson(path: string, value: unknown): void {
  const half = `${path}.${process.pid}`;
  writeFile(half, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(half, path);
}

/** Reads JSON, undefined when the file is not there. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Deletes a file or a directory with all in it. */
export function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}
