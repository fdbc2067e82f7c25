import { type Properties, type ResourceContext } from "../provider/resourceType";
import { awaitGone } from "./await/awaitGone";
import { isAwaitSkipped } from "./await/readinessChecks";
import { liveOf, readCheckpoint } from "./checkpoint";
import { UnreachableError } from "./client";
import { type Propagation, UnknownKindError, isNotFound } from "./cluster";
import { requireCluster } from "./createObject";
import { type KubernetesObject, annotation } from "./kubernetesObject";
import { relinquish } from "./relinquish";
import { readSettings } from "./settings";

/** Kinds whose deletion is not waited for when their annotations skip waiting; as the real provider. */
const skippable = new Set([
  "DaemonSet",
  "Deployment",
  "Job",
  "Namespace",
  "Pod",
  "ReplicationController",
  "StatefulSet",
]);

/** Deletes an object and waits until it is gone. A Patch resource only gives its fields up. */
export async function deleteObject(
  outputs: Properties,
  isPatch: boolean,
  context: ResourceContext,
): Promise<void> {
  try {
    await remove(outputs, isPatch, context);
  } catch (error) {
    if (isNotFound(error) || error instanceof UnknownKindError) return;
    if (!(error instanceof UnreachableError)) throw error;
    if (!readSettings(context.config).deleteUnreachable) throw unreachable(error);
    context.log(
      "warning",
      `the cluster is unreachable; the resource is dropped from state: ${error.message}`,
    );
  }
}

/** The error for an operation that needs a cluster that does not answer. */
export const unreachable = (error: UnreachableError) =>
  new Error(
    `the Kubernetes cluster is unreachable: ${error.message}. If it is gone for good, set deleteUnreachable on the ` +
      `provider, or PULUMI_K8S_DELETE_UNREACHABLE=true, to drop its resources from state`,
  );

async function remove(
  outputs: Properties,
  isPatch: boolean,
  context: ResourceContext,
): Promise<void> {
  const cluster = requireCluster(context);
  const object = liveOf(outputs) as KubernetesObject;
  if (isPatch) {
    await relinquish(cluster, object, readCheckpoint(outputs, object).fieldManager);
    return;
  }
  const { apiVersion, kind, metadata } = object;
  const reference = {
    apiVersion,
    kind,
    namespace: metadata.namespace,
    name: String(metadata.name),
  };
  const live = await cluster.get(reference);
  if (!live) return;
  // A Namespace refuses a second deletion while the first one is under way.
  if (!live.metadata["deletionTimestamp"]) await cluster.delete(reference, propagation(object));
  if (isAwaitSkipped(object) && skippable.has(kind)) return;
  await awaitGone(cluster, object, reference, live.metadata.uid, context);
}

function propagation(object: KubernetesObject): Propagation {
  const asked = annotation(object, "pulumi.com/deletionPropagationPolicy").toLowerCase();
  if (asked === "orphan") return "Orphan";
  return asked === "background" ? "Background" : "Foreground";
}
