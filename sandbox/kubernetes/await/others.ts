import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../provider/difference";
import { numberAt, textAt, valueAt } from "../kubernetesObject";
import { conditionOf, describe } from "./conditions";
import { type ReadinessCheck, ready, waiting } from "./readiness";

/** A Namespace is ready when it is active. */
export const namespace: ReadinessCheck = (live) => {
  const phase = textAt(live, "status", "phase");
  return phase === "Active" ? ready : waiting(`the Namespace is ${phase || "not active yet"}`);
};

/** A definition is ready when the API server serves its kind. */
export const customResourceDefinition: ReadinessCheck = (live) => {
  if (conditionOf(live, "Established")?.status === "True") return ready;
  const names = conditionOf(live, "NamesAccepted");
  const reasons = names?.status === "False" ? [describe(names)] : undefined;
  return waiting("waiting for the API server to serve the definition's kind", reasons);
};

/** A quota is ready when its controller counts against it. */
export const resourceQuota: ReadinessCheck = (live) =>
  isDeepStrictEqual(valueAt(live, "spec", "hard"), valueAt(live, "status", "hard"))
    ? ready
    : waiting("waiting for the quota controller to take the quota up");

/** A replication controller is ready when as many pods as it asks for are available. */
export const replicationController: ReadinessCheck = (live) => {
  const desired = numberAt(live, "spec", "replicas");
  const available = numberAt(live, "status", "availableReplicas");
  return available === desired
    ? ready
    : waiting(`waiting for the pods to be available (${available}/${desired})`);
};

/** The token of a service account is ready when the token controller has filled it in; other Secrets always are. */
export const secret: ReadinessCheck = (live) => {
  const isToken = textAt(live, "type") === "kubernetes.io/service-account-token";
  const data = valueAt(live, "data");
  return !isToken || (isObject(data) && Object.keys(data).length > 0)
    ? ready
    : waiting("waiting for the token controller to fill the Secret in");
};
