import { textAt } from "../kubernetesObject";
import { conditionOf } from "./conditions";
import { errorsOfPod } from "./podErrors";
import { type ReadinessCheck, ready, waiting } from "./readiness";

/** A Pod is ready when it says so, or has done its work. */
export const pod: ReadinessCheck = (live) => {
  const phase = textAt(live, "status", "phase");
  if (phase === "Succeeded" || conditionOf(live, "Ready")?.status === "True") return ready;
  const errors = errorsOfPod(live);
  const progress = `waiting for the Pod to be ready (${phase || "Pending"})`;
  return errors.length > 0 ? waiting(progress, errors) : waiting(progress);
};
