/** What a type token says about its kind. */
export interface TypeToken {
  apiVersion: string;
  kind: string;
}

/**
 * Reads a token such as `kubernetes:core/v1:Namespace`. Answers undefined for what is not a Kubernetes kind: helm, yaml
 * and kustomize resources, and the `…List` kinds, which the real provider refuses too.
 */
export function parseToken(token: string): TypeToken | undefined {
  const [, module = "", kind = ""] = token.split(":");
  const [group = "", version = "", ...rest] = module.split("/");
  if (!kind || !/^v\d/.test(version) || rest.length > 0) return undefined;
  if (group === "helm.sh" || group === "yaml" || group === "kustomize") return undefined;
  if (isBuiltInGroup(group) && kind.endsWith("List")) return undefined;
  return { apiVersion: group === "core" ? version : `${group}/${version}`, kind };
}

/** True for the API groups that Kubernetes itself serves, as opposed to those of a CustomResourceDefinition. */
export function isBuiltInGroup(group: string): boolean {
  return !group.includes(".") || builtInDomains.has(group);
}

/** The group of an `apiVersion`; empty for the core group. */
export const groupOf = (apiVersion: string) => apiVersion.split("/").at(-2) ?? "";

/** The resource's name at the end of a URN. */
export const nameOf = (urn: string) => urn.split("::").slice(3).join("::");

// Groups ending in k8s.io are not all built in: gateway.networking.k8s.io, for one, comes with definitions.
const builtInDomains = new Set([
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "internal.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
  "storagemigration.k8s.io",
]);
