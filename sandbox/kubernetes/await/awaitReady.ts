import { type Properties, type ResourceContext } from "../../provider/resourceType";
import { ApiError, UnreachableError } from "../client";
import { type Cluster } from "../cluster";
import { type KubernetesObject } from "../kubernetesObject";
import { deadlineFor } from "./deadline";
import { waiting } from "./readiness";
import { readinessCheckOf } from "./readinessChecks";

/** How waiting for an object ended. */
export interface AwaitResult {
  /** The object as it was last seen. */
  live: KubernetesObject;
  /** Why it is not ready; empty when it is. */
  reasons: string[];
}

/** Waits until an object that was just written is ready, fails for good, or time is up. */
export async function awaitReady(
  cluster: Cluster,
  inputs: Properties,
  written: KubernetesObject,
  before: KubernetesObject | undefined,
  context: ResourceContext,
): Promise<AwaitResult> {
  const check = readinessCheckOf(inputs);
  if (!check) return { live: written, reasons: [] };
  const { apiVersion, kind, metadata } = written;
  const reference = {
    apiVersion,
    kind,
    namespace: metadata.namespace,
    name: String(metadata.name),
  };
  const deadline = deadlineFor(inputs, context);
  let live = written;
  let readiness = waiting("waiting");
  let shown = "";
  for (;;) {
    try {
      const now = await cluster.get(reference);
      if (now?.metadata.uid !== metadata.uid)
        return { live, reasons: ["it was deleted meanwhile"] };
      live = now!;
      readiness = await check(live, cluster, before);
    } catch (error) {
      // An API server that restarts is no reason to give up before time is up, and the object must get into state.
      if (!(error instanceof UnreachableError || error instanceof ApiError)) throw error;
      readiness = waiting(error.message);
    }
    if (readiness.ready) return { live, reasons: [] };
    if (readiness.hopeless) return { live, reasons: readiness.reasons };
    if (readiness.progress !== shown) context.log("info", readiness.progress);
    shown = readiness.progress;
    const ended = await deadline.next();
    if (ended) return { live, reasons: [ended, ...readiness.reasons] };
  }
}
