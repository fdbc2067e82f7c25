import { textAt } from "../kubernetesObject";
import { type ReadinessCheck, ready, waiting } from "./readiness";

/** A claim is ready when it is bound, or when its class binds with the first pod only. */
export const persistentVolumeClaim: ReadinessCheck = async (live, cluster) => {
  const phase = textAt(live, "status", "phase");
  if (phase === "Bound") return ready;
  const name = textAt(live, "spec", "storageClassName");
  const progress = `waiting for the claim to be bound (${phase || "Pending"})`;
  if (!name) return waiting(progress);
  const storageClass = await cluster.get({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    name,
  });
  if (!storageClass) return waiting(progress, [`there is no StorageClass "${name}"`]);
  const isLazy = textAt(storageClass, "volumeBindingMode") === "WaitForFirstConsumer";
  return isLazy && phase === "Pending" ? ready : waiting(progress);
};

/** A volume is ready when a claim can have it, or has it. */
export const persistentVolume: ReadinessCheck = (live) => {
  const phase = textAt(live, "status", "phase");
  return phase === "Available" || phase === "Bound"
    ? ready
    : waiting(`waiting for the volume to be available (${phase || "Pending"})`);
};
