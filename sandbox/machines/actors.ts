import { sandboxPath } from "../directory";
import { readBootstrap } from "./cluster";
import { actors, startDaemon } from "./processes";

/** The actors that a cluster has: without k3s' Helm controller nobody acts on its charts. */
export function actorsOf(cluster: string): readonly string[] {
  const disabled = readBootstrap(cluster)?.settings.critical["disable-helm-controller"] === "true";
  return disabled ? actors.filter((name) => name !== "helm-controller") : actors;
}

/** Starts them on the machine that hosts the cluster's control plane. */
export function startActors(machine: string, cluster: string): void {
  const program = sandboxPath("lib", "machine.cjs");
  for (const name of actorsOf(cluster)) {
    startDaemon(machine, name, process.execPath, [program, name, cluster]);
  }
}
