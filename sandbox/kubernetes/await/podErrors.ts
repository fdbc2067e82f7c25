import { isObject } from "../../provider/difference";
import { type Cluster } from "../cluster";
import {
  type KubernetesObject,
  listAt,
  numberAt,
  objectId,
  textAt,
  valueAt,
} from "../kubernetesObject";

/** What is wrong with the pods that an object selects, one sentence each; empty when nothing is. */
export async function podErrors(owner: KubernetesObject, cluster: Cluster): Promise<string[]> {
  const labels = valueAt(owner, "spec", "selector", "matchLabels");
  if (!isObject(labels)) return [];
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`);
  const pods = await cluster.list(
    { apiVersion: "v1", kind: "Pod", namespace: owner.metadata.namespace },
    selector.join(","),
  );
  return pods.flatMap(errorsOfPod);
}

/** What keeps one pod from being ready: it fits on no node, or its containers wait or failed. */
export function errorsOfPod(pod: KubernetesObject): string[] {
  const errors: string[] = [];
  for (const condition of listAt(pod, "status", "conditions")) {
    const isUnmet = textAt(condition, "status") === "False";
    if (isUnmet && textAt(condition, "type") === "PodScheduled" && textAt(condition, "message")) {
      errors.push(textAt(condition, "message"));
    }
  }
  for (const list of ["initContainerStatuses", "containerStatuses"]) {
    for (const status of listAt(pod, "status", list)) errors.push(...errorsOfContainer(status));
  }
  return errors.map((error) => `Pod ${objectId(pod)}: ${error}`);
}

function errorsOfContainer(status: unknown): string[] {
  if (valueAt(status, "ready") === true) return [];
  const errors: string[] = [];
  const name = textAt(status, "name");
  const reason = textAt(status, "state", "waiting", "reason");
  if (reason && reason !== "ContainerCreating" && reason !== "PodInitializing") {
    errors.push(
      `container ${name} waits: ${reason} ${textAt(status, "state", "waiting", "message")}`,
    );
  }
  for (const state of ["state", "lastState"]) {
    const terminated = valueAt(status, state, "terminated");
    if (!isObject(terminated) || textAt(terminated, "reason") === "Completed") continue;
    errors.push(
      `container ${name} ended with exit code ${numberAt(terminated, "exitCode")} ${textAt(terminated, "reason")}`,
    );
  }
  return errors.map((error) => error.trim());
}
