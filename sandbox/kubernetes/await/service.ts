import { isObject } from "../../provider/difference";
import { listAt, textAt, valueAt } from "../kubernetesObject";
import { type ReadinessCheck, ready, waiting } from "./readiness";

/**
 * A Service is ready when the endpoints controller has looked at it and none of the pods that it selects is unready;
 * that it selects none is no fault. A LoadBalancer needs its address as well. Headless Services, those without selector
 * and external names wait for no pods.
 */
export const service: ReadinessCheck = async (live, cluster) => {
  const type = textAt(live, "spec", "type");
  if (type === "LoadBalancer" && listAt(live, "status", "loadBalancer", "ingress").length === 0) {
    return waiting("waiting for the Service to get an address from a load balancer");
  }
  const selector = valueAt(live, "spec", "selector");
  const isHeadless = textAt(live, "spec", "clusterIP") === "None";
  if (type === "ExternalName" || isHeadless || !isObject(selector)) return ready;

  const slices = await cluster.list(
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      namespace: live.metadata.namespace,
    },
    `kubernetes.io/service-name=${live.metadata.name},endpointslice.kubernetes.io/managed-by=endpointslice-controller.k8s.io`,
  );
  if (slices.length === 0) return waiting("waiting for the endpoints of the Service");
  const unready = slices.flatMap((slice) => listAt(slice, "endpoints")).filter(isUnready);
  if (unready.length === 0) return ready;
  return waiting(`waiting for ${unready.length} Pods behind the Service to be ready`);
};

function isUnready(endpoint: unknown): boolean {
  const isEnding = valueAt(endpoint, "conditions", "terminating") === true;
  return !isEnding && valueAt(endpoint, "conditions", "ready") === false;
}
