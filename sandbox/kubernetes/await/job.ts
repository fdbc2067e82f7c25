import { numberAt, textAt } from "../kubernetesObject";
import { conditionOf, describe } from "./conditions";
import { podErrors } from "./podErrors";
import { type ReadinessCheck, ready, waiting } from "./readiness";

/** A Job is ready when it is complete. A failed one cannot become so. */
export const job: ReadinessCheck = async (live, cluster) => {
  if (conditionOf(live, "Complete")?.status === "True") return ready;
  const failed = conditionOf(live, "Failed");
  if (failed?.status === "True") {
    const reasons = [describe(failed), ...(await podErrors(live, cluster))];
    return { ...waiting("the Job failed", reasons), hopeless: true };
  }
  if (!textAt(live, "status", "startTime")) return waiting("waiting for the Job to start");
  const [active, succeeded, failures] = ["active", "succeeded", "failed"].map((count) =>
    numberAt(live, "status", count),
  );
  const counts = `(active: ${active}, succeeded: ${succeeded}, failed: ${failures})`;
  return waiting(`waiting for the Job to succeed ${counts}`, [
    `the Job is not complete ${counts}`,
    ...(await podErrors(live, cluster)),
  ]);
};
