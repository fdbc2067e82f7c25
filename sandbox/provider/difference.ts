import { isDeepStrictEqual } from "node:util";
import { type Difference, type Properties, type PropertyChange, unknown } from "./resourceType";

/**
 * Compares two sets of inputs key by key. A nested change is reported at the deepest path that both sides share,
 * and replaces the resource when its top-level key is in `replaceOn`.
 */
export function compareInputs(
  olds: Properties,
  news: Properties,
  replaceOn: readonly string[] = [],
): Difference {
  const changes: Record<string, PropertyChange> = {};
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    if (key.startsWith("__")) continue;
    compareValue(key, olds[key], news[key], replaceOn.includes(key), changes);
  }
  return { changes };
}

/** True when an unknown value sits anywhere inside. */
export function containsUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (isObject(value)) return Object.values(value).some(containsUnknown);
  return false;
}

/** A JSON object, not a list and not null. */
export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function compareValue(
  path: string,
  old: unknown,
  value: unknown,
  replace: boolean,
  changes: Record<string, PropertyChange>,
): void {
  if (isDeepStrictEqual(old ?? undefined, value ?? undefined)) return;
  if (isObject(old) && isObject(value)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(value)])) {
      compareValue(`${path}${pathStep(key)}`, old[key], value[key], replace, changes);
    }
    return;
  }
  if (Array.isArray(old) && Array.isArray(value)) {
    for (let index = 0; index < Math.max(old.length, value.length); index++) {
      compareValue(`${path}[${index}]`, old[index], value[index], replace, changes);
    }
    return;
  }
  const kind = old == null ? "add" : value == null ? "delete" : "update";
  changes[path] = { kind, replace };
}

const pathStep = (key: string) =>
  /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
