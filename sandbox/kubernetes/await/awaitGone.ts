import { type Properties, type ResourceContext } from "../../provider/resourceType";
import { type Cluster, type ObjectReference } from "../cluster";
import { type KubernetesObject, listAt, textAt } from "../kubernetesObject";
import { deadlineFor } from "./deadline";

/**
 * Waits until an object is gone.
 *
 * @throws when time is up, naming what holds the object back
 */
export async function awaitGone(
  cluster: Cluster,
  inputs: Properties,
  reference: ObjectReference,
  uid: string | undefined,
  context: ResourceContext,
): Promise<void> {
  const deadline = deadlineFor(inputs, context);
  let shown = "";
  for (;;) {
    const live = await cluster.get(reference);
    if (!live || live.metadata.uid !== uid) return;
    const holding = holdingBack(live);
    if (holding !== shown) context.log("info", holding);
    shown = holding;
    const ended = await deadline.next();
    if (ended) {
      throw new Error(`${reference.kind} ${reference.name} is not gone: ${ended}; ${holding}`);
    }
  }
}

function holdingBack(live: KubernetesObject): string {
  const finalizers = [...(live.metadata.finalizers ?? []), ...listAt(live, "spec", "finalizers")];
  const messages = listAt(live, "status", "conditions")
    .filter((condition) => textAt(condition, "status") === "True")
    .map((condition) => textAt(condition, "message"))
    .filter(Boolean);
  const held =
    finalizers.length > 0 ? `held by finalizers ${finalizers.join(", ")}` : "being deleted";
  return [held, ...messages].join("; ");
}
