import { isObject } from "../provider/difference";
import { type Properties } from "../provider/resourceType";

/** One entry of `metadata.managedFields`: who owns which fields. */
export interface ManagedFields {
  manager: string;
  operation: "Apply" | "Update";
  apiVersion: string;
  subresource?: string;
  fieldsV1?: Properties;
}

/** Any Kubernetes object, as the API server sends and takes it. */
export interface KubernetesObject extends Properties {
  apiVersion: string;
  kind: string;
  metadata: {
    name?: string;
    namespace?: string;
    uid?: string;
    generation?: number;
    resourceVersion?: string;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
    finalizers?: string[];
    managedFields?: ManagedFields[];
    [key: string]: unknown;
  };
}

/** The value at a path of keys, or undefined when a step of it is missing. */
export function valueAt(value: unknown, ...path: (string | number)[]): unknown {
  let current = value;
  for (const key of path) {
    if (Array.isArray(current) && typeof key === "number") current = current[key];
    else if (isObject(current)) current = current[key];
    else return undefined;
  }
  return current;
}

/** The number at a path, 0 when there is none: Kubernetes leaves counts of zero out of a status. */
export function numberAt(value: unknown, ...path: string[]): number {
  const found = valueAt(value, ...path);
  return typeof found === "number" ? found : 0;
}

/** The text at a path, empty when there is none. */
export function textAt(value: unknown, ...path: string[]): string {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : "";
}

/** The list at a path, empty when there is none. */
export function listAt(value: unknown, ...path: string[]): unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The value of one annotation, empty when it is not set. */
export const annotation = (object: unknown, name: string) =>
  textAt(object, "metadata", "annotations", name);

/** The id of an object in state: `namespace/name`, or `name` for a kind without namespace. */
export function objectId({ metadata }: KubernetesObject): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : String(metadata.name);
}

/** Takes an id of {@link objectId} apart. */
export function parseId(id: string): { namespace?: string; name: string } {
  const slash = id.indexOf("/");
  return slash < 0 ? { name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}
