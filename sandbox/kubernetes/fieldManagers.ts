import { isObject } from "../provider/difference";
import { type Properties } from "../provider/resourceType";
import { ApiError } from "./client";
import { type Cluster } from "./cluster";
import { type KubernetesObject, type ManagedFields, annotation } from "./kubernetesObject";

/** Under this name objects are created; server-side apply takes over with the first update. */
export const creator = "pulumi-kubernetes";

/** Managers whose fields the provider takes over without asking, as the real one does: earlier ways to apply. */
const predecessors = new Set([
  "kubectl Apply",
  "kubectl Update",
  "before-first-apply Update",
  `${creator} Update`,
]);

/** Makes `fieldManager` the owner of what creation, or kubectl, left behind. Answers the object as it is then. */
export async function takeOver(
  cluster: Cluster,
  live: KubernetesObject,
  fieldManager: string,
): Promise<KubernetesObject> {
  const before = live.metadata.managedFields ?? [];
  const after = mergeManagers(before, fieldManager, live.apiVersion);
  if (after.length === before.length && after.every((entry) => before.includes(entry))) return live;
  const { apiVersion, kind, metadata } = live;
  const reference = {
    apiVersion,
    kind,
    namespace: metadata.namespace,
    name: String(metadata.name),
  };
  const operations = [
    { op: "replace", path: "/metadata/managedFields", value: after },
    { op: "replace", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
  ];
  return cluster.patch(reference, operations, fieldManager);
}

/** The field owners with every predecessor's fields given to `fieldManager`. */
export function mergeManagers(
  owners: readonly ManagedFields[],
  fieldManager: string,
  apiVersion: string,
): ManagedFields[] {
  const isPredecessor = ({ manager, operation, subresource }: ManagedFields) =>
    !subresource && predecessors.has(`${manager} ${operation}`);
  const isOurs = ({ manager, operation, subresource }: ManagedFields) =>
    !subresource && manager === fieldManager && operation === "Apply";
  const inherited = owners.filter(isPredecessor);
  if (inherited.length === 0) return [...owners];
  const sources = [...owners.filter(isOurs), ...inherited];
  const ours: ManagedFields & { fieldsType: string } = {
    manager: fieldManager,
    operation: "Apply",
    apiVersion,
    fieldsType: "FieldsV1",
    fieldsV1: sources.reduce<Properties>((all, entry) => merge(all, entry.fieldsV1 ?? {}), {}),
  };
  return [ours, ...owners.filter((entry) => !isPredecessor(entry) && !isOurs(entry))];
}

function merge(a: Properties, b: Properties): Properties {
  const merged = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const there = merged[key];
    merged[key] = isObject(there) && isObject(value) ? merge(there, value) : value;
  }
  return merged;
}

/** Whether to take fields over from other managers: when the object or the provider's settings say so. */
export const isForced = (inputs: Properties, enablePatchForce: boolean) =>
  enablePatchForce || annotation(inputs, "pulumi.com/patchForce") === "true";

/** Turns a conflict of field owners into a sentence that names them and says how to take over; other errors stay. */
export function explainConflict(error: unknown, what: string): unknown {
  if (!(error instanceof ApiError) || error.code !== 409) return error;
  const causes = (error.details.causes ?? []).filter(
    ({ reason }) => reason === "FieldManagerConflict",
  );
  if (causes.length === 0) return error;
  const fields = causes.map(({ field, message }) => `${field} (${message})`).join(", ");
  return new Error(
    `server-side apply of ${what} conflicts with another field manager: ${fields}. To take these fields over, set the ` +
      `annotation "pulumi.com/patchForce": "true" on it, or enablePatchForce on the provider`,
  );
}
