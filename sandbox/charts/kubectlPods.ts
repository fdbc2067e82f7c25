import { type ChildProcess, execFile } from "node:child_process";
import { basename, join } from "node:path";
import { sandboxPath } from "../directory";
import { type ApiClient, ApiError } from "../kubernetes/client";
import { log, machinePath } from "../machines/disk";
import { writeAccountKubeconfig } from "../machines/accountKubeconfig";
import { kubectlImage, succeededAnnotation } from "../machines/stages";
import { findInLibrary } from "./library";

/** Parts of a Job's pod that runs kubectl. */
export interface KubectlPod {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    annotations?: Record<string, string>;
    ownerReferences?: { kind: string }[];
  };
  spec: {
    serviceAccountName?: string;
    initContainers?: { image: string; args?: string[] }[];
    containers: { image: string; args?: string[] }[];
  };
  status?: { phase?: string };
}

const retryMilliseconds = 10_000;

/** Pods at work, and those that failed with the time of their next attempt, by uid. */
const working = new Set<string>();
const retries = new Map<string, number>();
const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill();
});

/** Starts the commands of the Jobs' kubectl pods that wait for it. Returns at once; each pod goes its own way. */
export async function runKubectlPods(machine: string, client: ApiClient): Promise<void> {
  const { items } = (await client.send({ method: "GET", path: "/api/v1/pods" })) as {
    items: KubectlPod[];
  };
  for (const pod of items) {
    const { uid, name } = pod.metadata;
    if (!isWaiting(pod) || working.has(uid) || (retries.get(uid) ?? 0) > Date.now()) continue;
    working.add(uid);
    runPod(machine, client, pod)
      .catch((error: unknown) => {
        if (!retries.has(uid))
          log(machine, `${name}: ${error instanceof Error ? error.message : String(error)}`);
        retries.set(uid, Date.now() + retryMilliseconds);
      })
      .finally(() => working.delete(uid));
  }
}

/** The commands that a pod runs here, and those that it leaves out because nothing would ever answer them. */
export function commandsOf({ spec }: KubectlPod): { run: string[][]; leftOut: string[][] } {
  const all = [...(spec.initContainers ?? []), ...spec.containers].map(({ args }) => args ?? []);
  const chart = all.flat().map((arg) => /^job\/helm-install-(.+)$/.exec(arg)?.[1]);
  const awaited = chart.find((name) => name !== undefined);
  const isReal = awaited === undefined || findInLibrary("charts", awaited) !== undefined;
  const isRollout = ([verb]: string[]): boolean => verb === "rollout";
  return {
    run: all.filter((args) => isReal || !isRollout(args)),
    leftOut: all.filter((args) => !isReal && isRollout(args)),
  };
}

/**
 * A command with files of upstream's repositories replaced by the same files of the library.
 *
 * @throws when the library does not have such a file: nothing is fetched here
 */
export function localFiles(args: readonly string[]): string[] {
  return args.map((arg) => {
    const [, url = ""] = /^--filename=(https?:.*)$/.exec(arg) ?? [];
    if (url === "") return arg;
    const repository = new URL(url).pathname.split("/")[2] ?? "";
    const found = findInLibrary("definitions", repository);
    if (!found) throw new Error(`the sandbox does not have ${url}`);
    return `--filename=${join(found.path, basename(new URL(url).pathname))}`;
  });
}

function isWaiting({ metadata, spec, status }: KubectlPod): boolean {
  return (
    status?.phase === "Running" &&
    metadata.annotations?.[succeededAnnotation] === undefined &&
    metadata.ownerReferences?.some(({ kind }) => kind === "Job") === true &&
    spec.containers.every(({ image }) => image.startsWith(kubectlImage))
  );
}

async function runPod(machine: string, client: ApiClient, pod: KubectlPod): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const kubeconfig = machinePath(machine, "pods", uid, "kubeconfig");
  const account = { name: pod.spec.serviceAccountName ?? "default", namespace };
  await writeAccountKubeconfig(machine, client, account, kubeconfig);
  const { run, leftOut } = commandsOf(pod);
  for (const args of leftOut) log(machine, `${name}: not waited for here: ${args.join(" ")}`);
  for (const args of run) await kubectl([`--kubeconfig=${kubeconfig}`, ...localFiles(args)]);
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const body = { metadata: { annotations: { [succeededAnnotation]: "true" } } };
  try {
    await client.send({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error;
  }
}

function kubectl(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile(sandboxPath("bin", "kubectl"), args, (error, _, errors) => {
      children.delete(child);
      if (error)
        reject(
          new Error(`kubectl ${args.slice(1, 4).join(" ")}: ${errors.trim() || error.message}`),
        );
      else resolve();
    });
    children.add(child);
  });
}
