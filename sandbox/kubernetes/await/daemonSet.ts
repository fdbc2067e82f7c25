import { numberAt, valueAt } from "../kubernetesObject";
import { podErrors } from "./podErrors";
import { type ReadinessCheck, ready, waiting } from "./readiness";

/** A DaemonSet is ready when every node that should run its newest pod has it, available. No node at all is fine too. */
export const daemonSet: ReadinessCheck = async (live, cluster) => {
  const seen = valueAt(live, "status", "observedGeneration") ?? 0;
  if (Number(seen) < numberAt(live, "metadata", "generation")) {
    return waiting("waiting for the DaemonSet controller to see the DaemonSet");
  }
  const desired = numberAt(live, "status", "desiredNumberScheduled");
  const counts = [
    "currentNumberScheduled",
    "updatedNumberScheduled",
    "numberAvailable",
    "numberReady",
  ];
  const least = Math.min(...counts.map((count) => numberAt(live, "status", count)));
  if (least >= desired) return ready;
  return waiting(`waiting for the DaemonSet to roll out (${least}/${desired} nodes)`, [
    `${least} of ${desired} nodes run an available Pod of the newest revision`,
    ...(await podErrors(live, cluster)),
  ]);
};
