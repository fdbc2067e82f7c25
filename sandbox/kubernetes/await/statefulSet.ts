import { numberAt, textAt, valueAt } from "../kubernetesObject";
import { podErrors } from "./podErrors";
import { type ReadinessCheck, ready, waiting } from "./readiness";

/**
 * A StatefulSet is ready when its controller has seen it, every replica is ready and of the newest revision. With the
 * update strategy OnDelete an update need not have reached the pods.
 */
export const statefulSet: ReadinessCheck = async (live, cluster) => {
  const generation = numberAt(live, "metadata", "generation");
  if (numberAt(live, "status", "observedGeneration") < generation) {
    return waiting("waiting for the StatefulSet controller to see the StatefulSet");
  }
  const desired = Number(valueAt(live, "spec", "replicas") ?? 1);
  const readyReplicas = numberAt(live, "status", "readyReplicas");
  const current = textAt(live, "status", "currentRevision");
  const newest = textAt(live, "status", "updateRevision");
  const onDelete = textAt(live, "spec", "updateStrategy", "type") === "OnDelete" && generation > 1;
  const revised =
    onDelete ||
    (current !== "" &&
      current === newest &&
      numberAt(live, "status", "currentReplicas") === desired);
  const counted = numberAt(live, "status", "replicas") === desired && readyReplicas === desired;
  if (revised && counted) return ready;
  return waiting(
    `waiting for the StatefulSet to roll out (${readyReplicas}/${desired} Pods ready)`,
    [
      `${readyReplicas} of ${desired} replicas are ready`,
      ...(revised ? [] : [`the roll-out from revision ${current} to ${newest} is not complete`]),
      ...(await podErrors(live, cluster)),
    ],
  );
};
