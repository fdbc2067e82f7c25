import { createHash } from "node:crypto";
import { stringify } from "yaml";

/** A k3s HelmChart, as far as the sandbox acts on it (API of k3s-io/helm-controller). */
export interface HelmChart {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    annotations?: Record<string, string>;
    finalizers?: string[];
    deletionTimestamp?: string;
  };
  spec: HelmValues & {
    chart?: string;
    version?: string;
    targetNamespace?: string;
    createNamespace?: boolean;
    bootstrap?: boolean;
    takeOwnership?: boolean;
    serverSide?: "true" | "false" | "auto";
    forceConflicts?: boolean;
    set?: Record<string, string | number>;
  };
  status?: { jobName?: string; conditions?: Condition[] };
}

/** Values of a chart in the three forms that HelmChart and HelmChartConfig have. */
export interface HelmValues {
  valuesContent?: string;
  values?: object;
  valuesSecrets?: { name: string; keys?: string[]; ignoreUpdates?: boolean }[];
}

/** A condition of a HelmChart. */
export interface Condition {
  type: "JobCreated" | "Failed";
  status: "True" | "False";
  reason?: string;
  message?: string;
}

/** Secrets by name: their keys with decoded contents. */
export type Secrets = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The finalizer by which the controller uninstalls a chart before its HelmChart goes. */
export const finalizer = "wrangler.cattle.io/on-helm-chart-remove";

/** Set on each HelmChart that a controller has taken. */
export const managedBy = "helmcharts.cattle.io/managed-by";

/**
 * The values files of a release, in the order in which later ones win: those of the HelmChart, then those of the
 * HelmChartConfig of the same name; in each the text, the structure, the Secrets.
 *
 * @throws when a Secret or key is missing that is not optional
 */
export function valuesFiles(layers: readonly HelmValues[], secrets: Secrets): string[] {
  return layers.flatMap(({ valuesContent, values, valuesSecrets }) => [
    ...(valuesContent ? [valuesContent] : []),
    ...(values ? [stringify(values)] : []),
    ...(valuesSecrets ?? []).flatMap((source) => secretValues(source, secrets)),
  ]);
}

/** The Secrets that values are read from. */
export function secretNames(layers: readonly HelmValues[]): string[] {
  return layers.flatMap(({ valuesSecrets }) => (valuesSecrets ?? []).map(({ name }) => name));
}

/** What decides whether a chart must be installed again. Secrets with `ignoreUpdates` do not. */
export function configHash(
  { spec }: HelmChart,
  layers: readonly HelmValues[],
  secrets: Secrets,
): string {
  const watched = layers.flatMap(({ valuesSecrets }) =>
    (valuesSecrets ?? []).filter(({ ignoreUpdates }) => !ignoreUpdates).map(({ name }) => name),
  );
  const contents = watched.map((name) => [name, [...(secrets.get(name) ?? [])]]);
  return createHash("sha256")
    .update(JSON.stringify([spec, layers, contents]))
    .digest("hex");
}

/** The conditions while a chart's Job works or has ended well. */
export function jobCreated(job: string): Condition[] {
  return [
    {
      type: "JobCreated",
      status: "True",
      reason: "Job created",
      message: `Applying HelmChart using Job ${job}`,
    },
    { type: "Failed", status: "False" },
  ];
}

/** The conditions of a chart whose Job failed. */
export function jobFailed(job: string, message: string): Condition[] {
  const [created] = jobCreated(job);
  return [
    ...(created ? [created] : []),
    { type: "Failed", status: "True", reason: "Job failed", message },
  ];
}

function secretValues(
  { name, keys, ignoreUpdates }: NonNullable<HelmValues["valuesSecrets"]>[number],
  secrets: Secrets,
): string[] {
  const data = secrets.get(name);
  return (keys ?? []).flatMap((key) => {
    const content = data?.get(key);
    if (content !== undefined) return [content];
    if (ignoreUpdates) return [];
    throw new Error(data ? `Secret ${name} has no key ${key}` : `Secret ${name} does not exist`);
  });
}
