import { type ChildProcess, execFile } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { sandboxPath } from "../directory";
import { diskPath, machinePath, remove, writeFile } from "../machines/disk";
import type { HelmChart } from "./helmChart";

/** Helm and the cluster that it works on. */
export interface Helm {
  /** Machine that hosts the control plane; its disk has the administrator's kubeconfig. */
  machine: string;
}

let running: ChildProcess | undefined;
// Helm must not outlive the controller: nobody would know of it.
process.on("exit", () => running?.kill());

/**
 * Installs or upgrades a release with real Helm, as the Job of k3s does.
 *
 * @param path directory of the chart
 * @param values contents of values files, later ones win
 * @throws with Helm's own words when it fails
 */
export async function install(
  helm: Helm,
  chart: HelmChart,
  path: string,
  values: string[],
): Promise<void> {
  const { name } = chart.metadata;
  const { createNamespace, forceConflicts, serverSide, set, takeOwnership } = chart.spec;
  const directory = mkdtempSync(`${workspace(helm)}/values-`);
  try {
    const files = values.map((content, index) => {
      const file = join(directory, `${index}.yaml`);
      writeFile(file, content);
      return `--values=${file}`;
    });
    await run(helm, [
      "upgrade",
      "--install",
      name,
      path,
      `--namespace=${targetNamespace(chart)}`,
      ...(createNamespace ? ["--create-namespace"] : []),
      ...(takeOwnership ? ["--take-ownership"] : []),
      ...(serverSide ? [`--server-side=${serverSide}`] : []),
      ...(forceConflicts ? ["--force-conflicts"] : []),
      ...files,
      ...Object.entries(set ?? {}).map(([key, value]) => `--set=${key}=${value}`),
    ]);
  } finally {
    remove(directory);
  }
}

/** Takes a release out of the cluster; one that is not there is as good as uninstalled. */
export async function uninstall(helm: Helm, chart: HelmChart): Promise<void> {
  const namespace = `--namespace=${targetNamespace(chart)}`;
  await run(helm, ["uninstall", chart.metadata.name, namespace, "--ignore-not-found"]);
}

const targetNamespace = ({ metadata, spec }: HelmChart): string =>
  spec.targetNamespace ?? metadata.namespace;

function workspace({ machine }: Helm): string {
  const directory = machinePath(machine, "helm");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

function run(helm: Helm, args: string[]): Promise<void> {
  const home = workspace(helm);
  const env = {
    PATH: process.env["PATH"],
    HELM_CACHE_HOME: join(home, "cache"),
    HELM_CONFIG_HOME: join(home, "config"),
    HELM_DATA_HOME: join(home, "data"),
    KUBECONFIG: diskPath(helm.machine, "/etc/rancher/k3s/k3s.yaml"),
  };
  return new Promise((resolve, reject) => {
    running = execFile(sandboxPath("bin", "helm"), args, { env, cwd: home }, (error, _, errors) => {
      running = undefined;
      if (error) reject(new Error(errors.trim() || error.message));
      else resolve();
    });
  });
}
