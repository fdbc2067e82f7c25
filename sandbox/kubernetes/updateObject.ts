import { containsUnknown } from "../provider/difference";
import { PartialFailure, type Properties, type ResourceContext } from "../provider/resourceType";
import { awaitReady } from "./await/awaitReady";
import { checkpointOutputs, checkpointState, guarded, readCheckpoint } from "./checkpoint";
import { ApiError, UnreachableError } from "./client";
import { type Cluster, clusterOf } from "./cluster";
import { requireCluster } from "./createObject";
import { explainConflict, isForced, takeOver } from "./fieldManagers";
import { respectIgnored } from "./ignoredFields";
import { type KubernetesObject, objectId, textAt } from "./kubernetesObject";
import { normalise } from "./normalise";
import { relinquish } from "./relinquish";
import { readSettings } from "./settings";

/** Applies new inputs to an object by server-side apply and waits until it is ready. Answers the new outputs. */
export async function updateObject(
  olds: Properties,
  news: Properties,
  isPatch: boolean,
  context: ResourceContext,
): Promise<Properties> {
  const cluster = requireCluster(context);
  const checkpoint = readCheckpoint(olds, news);
  const before = await requireLive(cluster, olds);
  const written = await write(cluster, before, news, isPatch, checkpoint.fieldManager, context);
  const { live, reasons } = await awaitReady(cluster, news, written, before, context);
  if (reasons.length > 0) {
    throw new PartialFailure(checkpointState(live, news, checkpoint), [
      `${live.kind} ${objectId(live)} was updated but is not ready`,
      ...reasons,
    ]);
  }
  const oldManager = textAt(olds, "__fieldManager");
  if (oldManager && oldManager !== checkpoint.fieldManager)
    await relinquish(cluster, live, oldManager);
  return checkpointOutputs(live, news, checkpoint);
}

/** What an update would give: the answer of a dry run, or the new inputs when the API server cannot answer yet. */
export async function previewUpdate(
  olds: Properties,
  news: Properties,
  isPatch: boolean,
  context: ResourceContext,
): Promise<Properties> {
  const cluster = clusterOf(context);
  if (!cluster || containsUnknown(news)) return guarded(news);
  const checkpoint = readCheckpoint(olds, news);
  try {
    const before = await requireLive(cluster, olds);
    const tried = await write(cluster, before, news, isPatch, checkpoint.fieldManager, context);
    return checkpointOutputs(tried, news, checkpoint);
  } catch (error) {
    const isUnanswered =
      error instanceof UnreachableError ||
      (error instanceof ApiError && [403, 404].includes(error.code));
    if (isUnanswered) return guarded(news);
    throw error;
  }
}

async function requireLive(cluster: Cluster, olds: Properties): Promise<KubernetesObject> {
  const { apiVersion, kind, metadata } = olds as KubernetesObject;
  const name = String(metadata.name);
  const live = await cluster.get({ apiVersion, kind, namespace: metadata.namespace, name });
  if (live) return live;
  throw new Error(
    `${kind} ${objectId(olds as KubernetesObject)} is gone from the cluster; run \`pulumi refresh\` to make it again`,
  );
}

async function write(
  cluster: Cluster,
  before: KubernetesObject,
  news: Properties,
  isPatch: boolean,
  fieldManager: string,
  context: ResourceContext,
): Promise<KubernetesObject> {
  const object = normalise(news) as KubernetesObject;
  const options = {
    fieldManager,
    dryRun: context.preview,
    onWarning: (message: string) => context.log("warning", message),
  };
  if (object.kind === "CustomResourceDefinition" && !isPatch) {
    // Definitions are replaced as a whole, as the real provider does.
    const { resourceVersion = "" } = before.metadata;
    return cluster.replace(
      { ...object, metadata: { ...object.metadata, resourceVersion } },
      options,
    );
  }
  const owned = isPatch || context.preview ? before : await takeOver(cluster, before, fieldManager);
  const applied = respectIgnored(object, owned, context.ignoreChanges ?? [], fieldManager);
  const force = context.preview || isForced(news, readSettings(context.config).enablePatchForce);
  try {
    return await cluster.apply(applied, { ...options, force });
  } catch (error) {
    throw explainConflict(error, `${object.kind} ${objectId(object)}`);
  }
}
