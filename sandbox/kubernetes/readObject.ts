import {
  PartialFailure,
  type Properties,
  type ResourceContext,
  type ResourceState,
} from "../provider/resourceType";
import { readinessCheckOf } from "./await/readinessChecks";
import { checkpointState, readCheckpoint } from "./checkpoint";
import { UnreachableError } from "./client";
import { requireCluster } from "./createObject";
import { unreachable } from "./deleteObject";
import { type KubernetesObject, parseId } from "./kubernetesObject";
import { normalise, toProgramForm } from "./normalise";
import { prune } from "./prune";
import { readSettings } from "./settings";
import { type TypeToken } from "./token";

/**
 * The object as it is now, or undefined when it is gone. Its inputs are those of the program with the live values, so
 * that what others changed shows; on import they are the whole object.
 *
 * @throws PartialFailure with the object's state when it is there but not ready
 */
export async function readObject(
  id: string,
  inputs: Properties,
  outputs: Properties,
  token: TypeToken,
  context: ResourceContext,
): Promise<(ResourceState & { inputs: Properties }) | undefined> {
  const { deleteUnreachable } = readSettings(context.config);
  try {
    return await look(id, inputs, outputs, token, context);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    if (!deleteUnreachable) throw unreachable(error);
    context.log(
      "warning",
      `the cluster is unreachable; the resource is dropped from state: ${error.message}`,
    );
    return undefined;
  }
}

async function look(
  id: string,
  inputs: Properties,
  outputs: Properties,
  token: TypeToken,
  context: ResourceContext,
): Promise<(ResourceState & { inputs: Properties }) | undefined> {
  const cluster = requireCluster(context);
  const isImport = !inputs["kind"];
  const { apiVersion, kind } = (isImport ? token : inputs) as TypeToken;
  const live = await cluster.get({ apiVersion, kind, ...parseId(id) });
  if (!live) return undefined;
  const liveInputs = isImport
    ? importedInputs(live)
    : toProgramForm(prune(live, normalise(inputs)));
  const checkpoint = readCheckpoint(outputs, liveInputs);
  const state = { ...checkpointState(live, liveInputs, checkpoint), id };
  const check = isImport ? undefined : readinessCheckOf(inputs);
  const readiness = await check?.(live, cluster, live);
  if (readiness && !readiness.ready) {
    throw new PartialFailure(state, [`${kind} ${id} is not ready`, ...readiness.reasons]);
  }
  return state;
}

function importedInputs(live: KubernetesObject): Properties {
  const { status: _, ...inputs } = normalise(live);
  return toProgramForm(inputs);
}
