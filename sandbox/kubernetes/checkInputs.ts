import { randomBytes } from "node:crypto";
import { isObject } from "../provider/difference";
import {
  type CheckFailure,
  type Properties,
  type ResourceContext,
  unknown,
} from "../provider/resourceType";
import { parseWaitFor } from "./await/waitFor";
import { annotation, textAt } from "./kubernetesObject";
import { type Scope } from "./scope";
import { nameOf } from "./token";

/** Marks an object whose name the provider chose. */
export const autonamed = "pulumi.com/autonamed";

/**
 * Completes the inputs of an object: a name when the program gives none (`<resource name>-<8 hex digits>`, kept for as
 * long as the object lives), and the provider's namespace for kinds that have one.
 */
export function checkInputs(
  news: Properties,
  olds: Properties,
  isPatch: boolean,
  scope: Pick<Scope, "isNamespaced" | "namespace">,
  context: Pick<ResourceContext, "urn">,
): { inputs: Properties; failures: CheckFailure[] } {
  const failures = mistakes(news, isPatch);
  if (failures.length > 0 || news["metadata"] === unknown) return { inputs: news, failures };
  let metadata: Properties = isObject(news["metadata"]) ? news["metadata"] : {};
  if (!metadata["name"]) {
    const kept = annotation(olds, autonamed) === "true" ? textAt(olds, "metadata", "name") : "";
    // Old inputs without a mark were named by the program, which has stopped to do so: that is a new object.
    metadata = {
      ...metadata,
      name: kept || `${nameOf(context.urn)}-${randomBytes(4).toString("hex")}`,
      ...(metadata["annotations"] !== unknown && {
        annotations: { ...(metadata["annotations"] as object | undefined), [autonamed]: "true" },
      }),
    };
  }
  if (scope.isNamespaced && !metadata["namespace"]) {
    metadata = { ...metadata, namespace: scope.namespace };
  }
  return { inputs: { ...news, metadata }, failures };
}

function mistakes(news: Properties, isPatch: boolean): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const property of ["apiVersion", "kind"]) {
    if (!news[property]) failures.push({ property, reason: `an object must name its ${property}` });
  }
  if (textAt(news, "metadata", "generateName") && !textAt(news, "metadata", "name")) {
    failures.push({
      property: "metadata.generateName",
      reason: "server-side apply needs a name: set metadata.name, or neither and a name is made",
    });
  }
  const waitFor = annotation(news, "pulumi.com/waitFor");
  if (waitFor && waitFor !== unknown) {
    try {
      parseWaitFor(waitFor);
    } catch (error) {
      failures.push({ property: "metadata.annotations", reason: (error as Error).message });
    }
  }
  if (isPatch && news["metadata"] !== unknown && !textAt(news, "metadata", "name")) {
    failures.push({
      property: "metadata.name",
      reason: "a Patch resource must name the object that it patches",
    });
  }
  return failures;
}
