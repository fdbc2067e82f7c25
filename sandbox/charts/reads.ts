import { type ApiClient, ApiError } from "../kubernetes/client";
import type { HelmChart, HelmValues, Secrets } from "./helmChart";
import { installJobName } from "./installJob";

/** The values of the HelmChartConfig of a chart; none when there is no such object. */
export async function configOf(client: ApiClient, { metadata }: HelmChart): Promise<HelmValues[]> {
  const path = `/apis/helm.cattle.io/v1/namespaces/${metadata.namespace}/helmchartconfigs/${metadata.name}`;
  const config = (await orNothing(client.send({ method: "GET", path }))) as
    | { spec?: HelmValues }
    | undefined;
  return config?.spec ? [config.spec] : [];
}

/** Those of the named Secrets that exist. */
export async function readSecrets(
  client: ApiClient,
  namespace: string,
  names: string[],
): Promise<Secrets> {
  const secrets = new Map<string, Map<string, string>>();
  for (const name of names) {
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
    const secret = (await orNothing(client.send({ method: "GET", path }))) as
      | { data?: Record<string, string> }
      | undefined;
    if (!secret) continue;
    const decoded = Object.entries(secret.data ?? {}).map(([key, value]): [string, string] => [
      key,
      Buffer.from(value, "base64").toString("utf8"),
    ]);
    secrets.set(name, new Map(decoded));
  }
  return secrets;
}

/** Where the Job of a chart's installation is. */
export const jobPath = ({ metadata }: HelmChart): string =>
  `/apis/batch/v1/namespaces/${metadata.namespace}/jobs/${installJobName(metadata.name)}`;

/** Parts of the Job of an installation. */
interface InstallJob {
  metadata: { annotations?: Record<string, string> };
  spec: { suspend?: boolean };
}

/** The Job of a chart's installation, if there is one. */
export async function readJob(
  client: ApiClient,
  chart: HelmChart,
): Promise<InstallJob | undefined> {
  const job = await orNothing(client.send({ method: "GET", path: jobPath(chart) }));
  return job as InstallJob | undefined;
}

/** An answer of the API, or undefined when it is that there is no such object. */
export async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 404) return undefined;
    throw error;
  });
}
