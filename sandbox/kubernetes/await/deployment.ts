import { numberAt, textAt, valueAt } from "../kubernetesObject";
import { conditionOf, describe } from "./conditions";
import { podErrors } from "./podErrors";
import { type ReadinessCheck, ready, waiting } from "./readiness";

/**
 * A Deployment is ready when its controller has seen it, every replica is of the newest revision and available, none of
 * an older one is left, and a roll-out (every revision but the first) is declared complete.
 */
export const deployment: ReadinessCheck = async (live, cluster) => {
  if (numberAt(live, "status", "observedGeneration") < numberAt(live, "metadata", "generation")) {
    return waiting("waiting for the Deployment controller to see the Deployment");
  }
  const desired = Number(valueAt(live, "spec", "replicas") ?? 1);
  const updated = numberAt(live, "status", "updatedReplicas");
  const available = numberAt(live, "status", "availableReplicas");
  const total = numberAt(live, "status", "replicas");
  const conditions = [conditionOf(live, "Available"), conditionOf(live, "Progressing")];
  const [isAvailable, progressing] = conditions;
  const revision = textAt(live, "metadata", "annotations", "deployment.kubernetes.io/revision");
  const rolledOut =
    revision === "1" ||
    (progressing?.status === "True" && progressing.reason === "NewReplicaSetAvailable");
  const counted = updated >= desired && available >= desired && total === updated;
  if (counted && isAvailable?.status === "True" && rolledOut) return ready;
  const unmet = conditions.filter((condition) => condition?.status === "False");
  return waiting(
    `waiting for the Deployment to be available (${Math.min(updated, available)}/${desired} Pods available)`,
    [
      `${Math.min(updated, available)} of ${desired} replicas are updated and available`,
      ...unmet.map((condition) => describe(condition!)),
      ...(await podErrors(live, cluster)),
    ],
  );
};
