import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../kubernetes/client";
import { adminClient } from "../machines/adminClient";
import { readHost } from "../machines/cluster";
import { log } from "../machines/disk";
import { applyFiles, definitionFiles } from "./apply";
import { install, uninstall } from "./helm";
import {
  type Condition,
  configHash,
  finalizer,
  type HelmChart,
  jobCreated,
  jobFailed,
  managedBy,
  secretNames,
  valuesFiles,
} from "./helmChart";
import { configHashAnnotation, installJob, installJobName } from "./installJob";
import { runKubectlPods } from "./kubectlPods";
import { findInLibrary } from "./library";
import { configOf, jobPath, orNothing, readJob, readSecrets } from "./reads";

const roundMilliseconds = 1_000;
/** A release that failed is tried again after this time. */
const retryMilliseconds = 10_000;
const mergePatch = "application/merge-patch+json";
const controllerName = "helm-controller";

/** A cluster whose charts this process installs. */
interface Scene {
  machine: string;
  client: ApiClient;
  /** When a release may be tried again, by the chart's uid and configuration. */
  retries: Map<string, number>;
}

/**
 * Stands for k3s' Helm controller and the pods that it starts, for as long as this process lives. Charts that lie in
 * the library are installed by real Helm; of others only the definitions, when the library has them.
 */
export async function runHelmController(cluster: string): Promise<never> {
  const host = readHost(cluster);
  if (!host) throw new Error(`cluster ${cluster} has no control plane`);
  const { machine } = host;
  const scene: Scene = { machine, client: await adminClient(cluster), retries: new Map() };
  let said = "";
  let defined = false;
  for (;;) {
    try {
      if (!defined) await applyDefinitions(scene.client, controllerName);
      defined = true;
      await runKubectlPods(machine, scene.client);
      for (const chart of await list(scene.client)) await reconcile(scene, chart);
      said = "";
    } catch (error) {
      const message = `${controllerName}: ${error instanceof Error ? error.message : String(error)}`;
      if (message !== said) log(machine, message);
      said = message;
    }
    await sleep(roundMilliseconds);
  }
}

async function list(client: ApiClient): Promise<HelmChart[]> {
  const path = "/apis/helm.cattle.io/v1/helmcharts";
  const { items } = (await client.send({ method: "GET", path })) as { items: HelmChart[] };
  return items;
}

async function reconcile(scene: Scene, chart: HelmChart): Promise<void> {
  const { client, machine, retries } = scene;
  const { name, namespace, uid, deletionTimestamp, finalizers = [], annotations } = chart.metadata;
  const path = `/apis/helm.cattle.io/v1/namespaces/${namespace}/helmcharts/${name}`;
  if (deletionTimestamp !== undefined) {
    if (!finalizers.includes(finalizer)) return;
    if (findInLibrary("charts", chart.spec.chart ?? "")) {
      log(machine, `${controllerName}: uninstalls ${name}`);
      await uninstall({ machine }, chart);
    }
    const rest = finalizers.filter((entry) => entry !== finalizer);
    await patch(client, path, { metadata: { finalizers: rest } });
    return;
  }
  if (!finalizers.includes(finalizer) || annotations?.[managedBy] === undefined) {
    await patch(client, path, {
      metadata: {
        finalizers: [...new Set([...finalizers, finalizer])],
        annotations: { [managedBy]: controllerName },
      },
    });
  }
  const layers = [chart.spec, ...(await configOf(client, chart))];
  const secrets = await readSecrets(client, namespace, secretNames(layers));
  const hash = configHash(chart, layers, secrets);
  const key = `${uid}/${hash}`;
  const before = await readJob(client, chart);
  const isSame = before?.metadata.annotations?.[configHashAnnotation] === hash;
  // A Job that may run says that its configuration is installed.
  if (isSame && before.spec.suspend !== true) return;
  if ((retries.get(key) ?? 0) > Date.now()) return;
  if (!isSame) await replaceJob(client, chart, hash);
  const job = `${namespace}/${installJobName(name)}`;
  await setStatus(client, path, chart, jobCreated(job));
  try {
    await installChart(scene, chart, valuesFiles(layers, secrets));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!retries.has(key)) log(machine, `${controllerName}: ${name}: ${message}`);
    retries.set(key, Date.now() + retryMilliseconds);
    await setStatus(client, path, chart, jobFailed(job, message));
    return;
  }
  await patch(client, jobPath(chart), { spec: { suspend: false } });
}

/** @throws when the library has the chart in another version, or Helm fails */
async function installChart(
  { machine, client }: Scene,
  chart: HelmChart,
  values: string[],
): Promise<void> {
  const { chart: chartName = "", version = "" } = chart.spec;
  const started = Date.now();
  const real = findInLibrary("charts", chartName);
  const definitions = findInLibrary("definitions", chartName);
  const held = real ?? definitions;
  if (held && plain(held.version) !== plain(version)) {
    throw new Error(`the sandbox has ${chartName} ${held.version}, not ${version}`);
  }
  if (real) await install({ machine }, chart, real.path, values);
  else if (definitions) await applyDefinitions(client, chartName);
  const done = real
    ? "installed"
    : definitions
      ? "has only its definitions here"
      : "is not at hand here";
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  log(machine, `${controllerName}: ${chartName} ${version} ${done} (${seconds} s)`);
}

const plain = (version: string): string => version.replace(/^v/, "");

async function applyDefinitions(client: ApiClient, name: string): Promise<void> {
  const found = findInLibrary("definitions", name);
  if (!found) throw new Error(`the sandbox has no definitions of ${name}`);
  await applyFiles(client, definitionFiles(found.path), controllerName);
}

async function replaceJob(client: ApiClient, chart: HelmChart, hash: string): Promise<void> {
  const body = { propagationPolicy: "Background" };
  await orNothing(client.send({ method: "DELETE", path: jobPath(chart), body }));
  const path = `/apis/batch/v1/namespaces/${chart.metadata.namespace}/jobs`;
  await client.send({ method: "POST", path, body: installJob(chart, hash) });
}

async function setStatus(
  client: ApiClient,
  path: string,
  { metadata }: HelmChart,
  conditions: Condition[],
): Promise<void> {
  const status = { jobName: installJobName(metadata.name), conditions };
  await patch(client, `${path}/status`, { status });
}

async function patch(client: ApiClient, path: string, body: object): Promise<void> {
  const query = { fieldManager: controllerName };
  await client.send({ method: "PATCH", path, body, contentType: mergePatch, query });
}
