import { type Properties } from "../../provider/resourceType";
import { annotation } from "../kubernetesObject";
import { daemonSet } from "./daemonSet";
import { deployment } from "./deployment";
import { ingress } from "./ingress";
import { job } from "./job";
import {
  customResourceDefinition,
  namespace,
  replicationController,
  resourceQuota,
  secret,
} from "./others";
import { pod } from "./pod";
import { type ReadinessCheck } from "./readiness";
import { service } from "./service";
import { statefulSet } from "./statefulSet";
import { persistentVolume, persistentVolumeClaim } from "./storage";
import { parseWaitFor } from "./waitFor";

/** What is waited for, by `apiVersion/Kind`. Kinds that are not here are ready as soon as they exist. */
const checks: Record<string, ReadinessCheck> = {
  "v1/Namespace": namespace,
  "v1/PersistentVolume": persistentVolume,
  "v1/PersistentVolumeClaim": persistentVolumeClaim,
  "v1/Pod": pod,
  "v1/ReplicationController": replicationController,
  "v1/ResourceQuota": resourceQuota,
  "v1/Secret": secret,
  "v1/Service": service,
  "apiextensions.k8s.io/v1/CustomResourceDefinition": customResourceDefinition,
  "apps/v1/DaemonSet": daemonSet,
  "apps/v1/Deployment": deployment,
  "apps/v1/StatefulSet": statefulSet,
  "batch/v1/Job": job,
  "networking.k8s.io/v1/Ingress": ingress,
};

/** How to tell that an object with these inputs is ready: as its annotations ask, else as its kind demands. */
export function readinessCheckOf(inputs: Properties): ReadinessCheck | undefined {
  if (isAwaitSkipped(inputs)) return undefined;
  const waitFor = annotation(inputs, "pulumi.com/waitFor");
  if (waitFor) return parseWaitFor(waitFor);
  return checks[`${String(inputs["apiVersion"])}/${String(inputs["kind"])}`];
}

/** True when the object's annotations say not to wait. */
export const isAwaitSkipped = (inputs: Properties) =>
  annotation(inputs, "pulumi.com/skipAwait") === "true";
