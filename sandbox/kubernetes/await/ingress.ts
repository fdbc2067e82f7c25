import { listAt } from "../kubernetesObject";
import { type ReadinessCheck, ready, waiting } from "./readiness";

/** An Ingress is ready when its controller has given it an address. */
export const ingress: ReadinessCheck = (live) =>
  listAt(live, "status", "loadBalancer", "ingress").length > 0
    ? ready
    : waiting("waiting for the Ingress to get an address from its controller");
