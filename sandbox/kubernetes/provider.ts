import { version } from "@pulumi/kubernetes/package.json";
import { type Properties, type Provider, type ResourceType } from "../provider/resourceType";
import { checkInputs } from "./checkInputs";
import { clusterOf } from "./cluster";
import { diffSettings } from "./clusterChange";
import { createObject, previewCreation } from "./createObject";
import { deleteObject } from "./deleteObject";
import { diffObject } from "./diffObject";
import { textAt } from "./kubernetesObject";
import { readObject } from "./readObject";
import { scopeOf } from "./scope";
import { checkSettings } from "./settings";
import { type TypeToken, parseToken } from "./token";
import { previewUpdate, updateObject } from "./updateObject";

/**
 * Stands in for pulumi-kubernetes: the objects are real and live in the API server that the provider's kubeconfig opens,
 * written by server-side apply. Helm, yaml and kustomize resources are not simulated.
 */
export const provider: Provider = {
  name: "kubernetes",
  version,
  types: {},
  fallback(token) {
    const parsed = parseToken(token);
    return parsed && objectType(parsed);
  },
  checkConfig: checkSettings,
  diffConfig: diffSettings,
};

/** How the objects of one kind behave; all kinds behave alike but for tables. */
function objectType(token: TypeToken): ResourceType {
  // The type is called ServiceAccountPatch and the object's own kind ServiceAccount.
  const isPatch = (object: Properties) => `${textAt(object, "kind")}Patch` === token.kind;
  return {
    async check(news, olds, context) {
      const scope = await scopeOf(
        clusterOf(context),
        textAt(news, "apiVersion"),
        textAt(news, "kind"),
      );
      return checkInputs(news, olds, isPatch(news), scope, context);
    },
    diff: (_id, oldInputs, olds, news, context) =>
      diffObject(oldInputs, olds, news, isPatch(news), context),
    previewCreate: (inputs, context) => previewCreation(inputs, isPatch(inputs), context),
    create: (inputs, context) => createObject(inputs, isPatch(inputs), context),
    read: (id, inputs, outputs, context) => readObject(id, inputs, outputs, token, context),
    previewUpdate: (_id, olds, news, context) => previewUpdate(olds, news, isPatch(news), context),
    update: (_id, olds, news, context) => updateObject(olds, news, isPatch(news), context),
    delete: (_id, outputs, context) => deleteObject(outputs, isPatch(outputs), context),
  };
}
