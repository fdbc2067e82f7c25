import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { sandboxPath } from "../directory";
import { actorsOf } from "./actors";
import { removeNode } from "./cloudController";
import { adminApi, leaveCluster, readHost } from "./cluster";
import {
  log,
  type Machine,
  machineNames,
  machinePath,
  readMachine,
  remove,
  type ServerRecord,
  updateMachine,
  writeFile,
  writeJson,
} from "./disk";
import { isReady } from "./kubeApi";
import { daemons, endProcess, endProcesses, isRunning, startRecorded } from "./processes";

export type { Machine, MachineState, ServerRecord } from "./disk";

const resumeSeconds = 180;

/**
 * Switches a new server on: its cloud-init is read and acted on in processes of their own. Returns at once; a server
 * that is on already stays as it is.
 *
 * @throws when another server has the name
 */
export async function powerOn(server: ServerRecord): Promise<void> {
  const { userData, ...record } = server;
  const known = readMachine(server.name);
  if (known && known.server.id !== server.id) {
    throw new Error(`machine ${server.name} is server ${known.server.id}, not ${server.id}`);
  }
  if (known && (known.state !== "booting" || isRunning(server.name, "boot"))) return;
  mkdirSync(machinePath(server.name), { recursive: true });
  writeFile(machinePath(server.name, "user-data"), userData);
  writeJson(machinePath(server.name, "machine.json"), {
    server: record,
    state: "booting",
    message: "",
  } satisfies Machine);
  startBoot(server.name);
  await Promise.resolve();
}

/**
 * Takes a server away: ends its processes, removes its Node as the cloud controller would, and deletes its disk. The
 * cluster's datastore goes with its last server. Nothing happens when there is no such server.
 */
export async function powerOff(server: Pick<ServerRecord, "id" | "name">): Promise<void> {
  const machine = readMachine(server.name);
  if (!machine || machine.server.id !== server.id) return;
  await endProcess(server.name, "boot");
  const { cluster } = readMachine(server.name) ?? machine;
  if (cluster) {
    const api = await adminApi(cluster);
    if (api && (await isReady(api))) await removeNode(api, machine.node ?? server.name);
  }
  await endProcesses(server.name);
  if (cluster) leaveCluster(cluster, server.name);
  remove(machinePath(server.name));
}

/** A machine as `status` shows it. */
export type ListedMachine = Machine["server"] &
  Omit<Machine, "server"> & {
    /** It boots, or its cluster's control plane runs: false after a stop. */
    running: boolean;
  };

/** Every machine with how far it came, in order of names. */
export function listMachines(): ListedMachine[] {
  return machineNames().flatMap((name) => {
    const machine = readMachine(name);
    if (!machine) return [];
    const { server, ...rest } = machine;
    const host = machine.cluster ? readHost(machine.cluster)?.machine : undefined;
    const running =
      isRunning(name, "boot") || (host !== undefined && isRunning(host, "kube-apiserver"));
    return [{ ...server, ...rest, running }];
  });
}

/** Ends every process of every machine. Disks and datastores stay. */
export async function stopAll(): Promise<void> {
  await Promise.all(machineNames().map((name) => endProcesses(name)));
}

/**
 * Starts again what a stop, a crash or a restart of this computer ended: first the machines that host a control plane,
 * then those that had not come up. Returns when the control planes answer, or cannot.
 */
export async function resumeAll(): Promise<void> {
  const machines = machineNames().flatMap((name) => readMachine(name) ?? []);
  const down = machines.filter(({ server, cluster, state }) => {
    if (isRunning(server.name, "boot")) return false;
    if (cluster && readHost(cluster)?.machine === server.name) {
      const needed = [...daemons, ...actorsOf(cluster)];
      return state === "booting" || needed.some((daemon) => !isRunning(server.name, daemon));
    }
    return state === "booting";
  });
  const isHost = ({ server, cluster }: Machine): boolean =>
    !cluster || readHost(cluster)?.machine === server.name;
  const ordered = [...down.filter(isHost), ...down.filter((machine) => !isHost(machine))];
  for (const { server } of ordered) {
    updateMachine(server.name, { state: "booting", message: "" });
    log(server.name, "resumes");
    startBoot(server.name);
  }
  const deadline = Date.now() + resumeSeconds * 1000;
  const hosts = down.filter(({ cluster }) => cluster).filter(isHost);
  while (Date.now() < deadline) {
    if (hosts.every(({ server }) => readMachine(server.name)?.state !== "booting")) return;
    await sleep(100);
  }
}

function startBoot(name: string): void {
  const program = sandboxPath("lib", "machine.cjs");
  startRecorded(name, "boot", process.execPath, [program, "boot", name], "console.log");
}
