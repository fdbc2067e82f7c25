import { type Cluster } from "../cluster";
import { type KubernetesObject } from "../kubernetesObject";

/** What one look at an object tells. */
export interface Readiness {
  ready: boolean;
  /** One line about how far it is. */
  progress: string;
  /** Why it is not ready, as far as that can be seen. */
  reasons: string[];
  /** Set when waiting on cannot help. */
  hopeless?: boolean;
}

/** Looks at an object, and at what belongs to it. `before` is the object as it was before an update. */
export type ReadinessCheck = (
  live: KubernetesObject,
  cluster: Cluster,
  before: KubernetesObject | undefined,
) => Readiness | Promise<Readiness>;

/** An object that is as it should be. */
export const ready: Readiness = { ready: true, progress: "", reasons: [] };

/** An object that is not there yet. */
export const waiting = (progress: string, reasons: string[] = [progress]): Readiness => ({
  ready: false,
  progress,
  reasons,
});
