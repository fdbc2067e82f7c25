import { isObject } from "../provider/difference";
import { type Difference, type Properties, type ResourceContext } from "../provider/resourceType";
import { job } from "./await/job";
import { compareObjects } from "./changes";
import { autonamed } from "./checkInputs";
import { liveOf } from "./checkpoint";
import { clusterOf } from "./cluster";
import { type KubernetesObject, annotation, textAt } from "./kubernetesObject";
import { normalise } from "./normalise";
import { prune } from "./prune";
import { patchReplacingPlaces, replacingPlaces } from "./replacement";
import { type Scope, scopeOf } from "./scope";
import { readSettings } from "./settings";
import { groupOf, isBuiltInGroup } from "./token";

/** What the annotation `pulumi.com/replaceUnready` is called among the changes. */
const replaceUnready = "pulumi.com/replaceUnready";

/** Compares new inputs with the live object as state knows it, as far as the old inputs spoke of it. */
export async function diffObject(
  oldInputs: Properties,
  olds: Properties,
  news: Properties,
  isPatch: boolean,
  context: ResourceContext,
): Promise<Difference> {
  const live = normalise(liveOf(olds));
  const after = normalise(news);
  const settings = readSettings(context.config);
  const apiVersion = textAt(after, "apiVersion");
  const scope = await scopeOf(clusterOf(context), apiVersion, textAt(after, "kind"));
  const changes = compareObjects(
    inScope(prune(live, normalise(oldInputs)), live, scope),
    inScope(after, live, scope),
    {
      builtIn: isBuiltInGroup(groupOf(apiVersion)),
      replacing: isPatch ? patchReplacingPlaces : replacingPlaces(after, settings),
      ignore: context.ignoreChanges ?? [],
    },
  );
  if (await isUnreadyJob(after, live, context)) {
    changes[`metadata.annotations["${replaceUnready}"]`] = { kind: "update", replace: true };
  }
  const isReplaced = Object.values(changes).some(({ replace }) => replace);
  return { changes, deleteBeforeReplace: isReplaced && keepsItsName(after, live, scope) };
}

/** An object with its place spelt out, so that a namespace or name that the program leaves out is no difference. */
function inScope(object: Properties, live: Properties, scope: Scope): Properties {
  const { namespace, ...metadata } = isObject(object["metadata"]) ? object["metadata"] : {};
  return {
    ...object,
    metadata: {
      name: textAt(live, "metadata", "name"),
      ...metadata,
      ...(scope.isNamespaced && { namespace: namespace ?? scope.namespace }),
    },
  };
}

/** Two objects of one name cannot live side by side, unless the provider may choose another name. */
function keepsItsName(after: Properties, live: Properties, scope: Scope): boolean {
  const place = ({ metadata }: KubernetesObject) => `${metadata.namespace}/${metadata.name}`;
  return (
    annotation(after, autonamed) !== "true" &&
    place(inScope(after, live, scope) as KubernetesObject) ===
      place(inScope(live, live, scope) as KubernetesObject)
  );
}

async function isUnreadyJob(
  after: Properties,
  live: Properties,
  context: ResourceContext,
): Promise<boolean> {
  if (annotation(after, replaceUnready) !== "true" || after["kind"] !== "Job") return false;
  const cluster = clusterOf(context);
  const { apiVersion, kind, metadata } = live as KubernetesObject;
  const reference = {
    apiVersion,
    kind,
    namespace: metadata.namespace,
    name: String(metadata.name),
  };
  // A cluster that does not answer has shown nothing about the Job.
  const now = await cluster?.get(reference).catch(() => undefined);
  if (!cluster || !now) return false;
  return !(await job(now, cluster, now)).ready;
}
