import { setTimeout as sleep } from "node:timers/promises";
import { containsUnknown } from "../provider/difference";
import {
  PartialFailure,
  type Properties,
  type ResourceContext,
  type ResourceState,
} from "../provider/resourceType";
import { awaitReady } from "./await/awaitReady";
import { checkpointOutputs, checkpointState, guarded, readCheckpoint } from "./checkpoint";
import { ApiError, UnreachableError } from "./client";
import { type Cluster, UnknownKindError, clusterOf, isNotFound } from "./cluster";
import { creator, explainConflict, isForced } from "./fieldManagers";
import { type KubernetesObject, objectId } from "./kubernetesObject";
import { normalise } from "./normalise";
import { readSettings } from "./settings";

/** Waits before another try when a namespace or definition is not there yet, in seconds; as the real provider. */
const retryDelays = [1, 2, 4, 8, 16];

/** Creates an object and waits until it is ready. A Patch resource applies its fields to the object that is there. */
export async function createObject(
  inputs: Properties,
  isPatch: boolean,
  context: ResourceContext,
): Promise<ResourceState> {
  const cluster = requireCluster(context);
  const object = normalise(inputs) as KubernetesObject;
  const checkpoint = readCheckpoint({}, inputs);
  const written = await retried(
    () => write(cluster, object, isPatch, checkpoint.fieldManager, context),
    context.signal,
  ).catch((error: unknown) => {
    throw explainCreation(error, object);
  });
  const { live, reasons } = await awaitReady(cluster, inputs, written, undefined, context);
  const state = checkpointState(live, inputs, checkpoint);
  if (reasons.length > 0) {
    throw new PartialFailure(state, [
      `${object.kind} ${objectId(live)} was created but is not ready`,
      ...reasons,
    ]);
  }
  return state;
}

/**
 * What a creation would give. The API server is asked by a dry run; where it cannot answer (no server, kind or namespace
 * yet, unknown values, a name that the old object still has) the inputs are all that is known.
 */
export async function previewCreation(
  inputs: Properties,
  isPatch: boolean,
  context: ResourceContext,
): Promise<Properties> {
  const cluster = clusterOf(context);
  if (isPatch || !cluster || containsUnknown(inputs)) return inputs;
  const object = normalise(inputs) as KubernetesObject;
  const checkpoint = readCheckpoint({}, inputs);
  try {
    const { status: _, ...tried } = await write(
      cluster,
      object,
      false,
      checkpoint.fieldManager,
      context,
    );
    return checkpointOutputs(tried, inputs, checkpoint);
  } catch (error) {
    if (error instanceof UnreachableError || error instanceof UnknownKindError) return inputs;
    if (error instanceof ApiError && [403, 404].includes(error.code)) return inputs;
    if (error instanceof ApiError && error.reason === "AlreadyExists") return guarded(inputs);
    throw explainCreation(error, object);
  }
}

/**
 * The cluster of the provider's settings.
 *
 * @throws while the kubeconfig is unknown
 */
export function requireCluster(context: ResourceContext): Cluster {
  const cluster = clusterOf(context);
  if (!cluster) throw new Error("the kubeconfig of the Kubernetes provider is not known yet");
  return cluster;
}

function write(
  cluster: Cluster,
  object: KubernetesObject,
  isPatch: boolean,
  fieldManager: string,
  context: ResourceContext,
): Promise<KubernetesObject> {
  const { upsertExistingObjects, enablePatchForce } = readSettings(context.config);
  const options = {
    dryRun: context.preview,
    onWarning: (message: string) => context.log("warning", message),
  };
  if (!isPatch && !upsertExistingObjects) {
    return cluster.create(object, { ...options, fieldManager: creator });
  }
  const force = context.preview || isForced(object, enablePatchForce);
  return cluster.apply(object, { ...options, fieldManager, force });
}

async function retried<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const delay of retryDelays) {
    try {
      return await attempt();
    } catch (error) {
      if (!isNotFound(error) && !(error instanceof UnknownKindError)) throw error;
      await sleep(delay * 1000, undefined, { signal });
    }
  }
  return attempt();
}

function explainCreation(error: unknown, object: KubernetesObject): unknown {
  const what = `${object.kind} ${objectId(object)}`;
  if (error instanceof UnreachableError) {
    return new Error(`the Kubernetes cluster is unreachable: ${error.message}`);
  }
  if (!(error instanceof ApiError)) return error;
  if (error.reason === "AlreadyExists") {
    return new Error(
      `${what} exists in the cluster but not in this stack: import it, manage single fields of it by a Patch ` +
        `resource, give a renamed resource an alias, or set upsertExistingObjects on the provider to take it over`,
    );
  }
  const conflict = explainConflict(error, what);
  return conflict === error
    ? new Error(`the Kubernetes API server refused to create ${what}: ${error.message}`)
    : conflict;
}
