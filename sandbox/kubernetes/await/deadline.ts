import { setTimeout as sleep } from "node:timers/promises";
import { type Properties, type ResourceContext } from "../../provider/resourceType";
import { annotation } from "../kubernetesObject";

/** How long the provider waits for an object unless told otherwise, in seconds; as the real one. */
const usualTimeout = 600;
/** Time between two looks at an object, in milliseconds. */
const interval = 300;

/** Paces the looks at an object until time is up. */
export interface Deadline {
  /** Waits until it is time for the next look; answers in words why there is to be none. */
  next(): Promise<string | undefined>;
}

/**
 * Waiting ends after the resource's custom timeout, else after its annotation `pulumi.com/timeoutSeconds`, else after
 * 10 minutes, and at once when the engine cancels.
 */
export function deadlineFor(
  inputs: Properties,
  { signal, timeoutSeconds }: ResourceContext,
): Deadline {
  const annotated = Number(annotation(inputs, "pulumi.com/timeoutSeconds"));
  const seconds = timeoutSeconds ?? (annotated > 0 ? annotated : usualTimeout);
  const end = Date.now() + seconds * 1000;
  return {
    async next() {
      // Rejects when the engine cancels, which the lines below tell from the end of time.
      await sleep(interval, undefined, { signal }).catch(() => undefined);
      const isTimeUp = (signal.reason as Error | undefined)?.name === "TimeoutError";
      if (isTimeUp || Date.now() >= end) return `it took longer than ${seconds} s`;
      return signal.aborted ? "the operation was cancelled" : undefined;
    },
  };
}
