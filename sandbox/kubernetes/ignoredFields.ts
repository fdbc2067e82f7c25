import { isObject } from "../provider/difference";
import { type Properties } from "../provider/resourceType";
import { type KubernetesObject, type ManagedFields, valueAt } from "./kubernetesObject";

/**
 * The object to apply when the program ignores changes of some fields. Such a field is left out when another manager
 * owns it and we do not (an autoscaler's `spec.replicas`), and otherwise sent as it is, so that it stays. Only fields
 * that a path of keys reaches are treated so, as in the real provider.
 */
export function respectIgnored(
  object: KubernetesObject,
  live: KubernetesObject,
  ignore: readonly string[],
  fieldManager: string,
): KubernetesObject {
  let result: Properties = object;
  for (const path of ignore) {
    const keys = path.split(".");
    const value = valueAt(live, ...keys);
    const owners = (live.metadata.managedFields ?? []).filter((entry) => owns(entry, keys));
    const isTheirs = owners.length > 0 && !owners.some(({ manager }) => manager === fieldManager);
    if (isTheirs) result = replaced(result, keys, undefined);
    else if (value !== undefined) result = replaced(result, keys, value);
  }
  return result as KubernetesObject;
}

const owns = ({ fieldsV1 }: ManagedFields, keys: readonly string[]) =>
  valueAt(fieldsV1, ...keys.map((key) => `f:${key}`)) !== undefined;

function replaced(
  object: Properties,
  [key, ...rest]: readonly string[],
  value: unknown,
): Properties {
  if (key === undefined) return object;
  if (rest.length > 0) {
    const child = object[key];
    if (!isObject(child)) return object;
    return { ...object, [key]: replaced(child, rest, value) };
  }
  const { [key]: _, ...others } = object;
  return value === undefined ? others : { ...object, [key]: value };
}
