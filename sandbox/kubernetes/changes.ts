import { isObject } from "../provider/difference";
import { type Properties, type PropertyChange, unknown } from "../provider/resourceType";
import { isSameQuantity } from "./quantity";
import { touches } from "./replacement";

/** What to compare besides the two objects. */
export interface CompareOptions {
  /** True for kinds that Kubernetes itself serves: these come back without empty values, and amounts respelt. */
  builtIn: boolean;
  /** Places whose change replaces the object. */
  replacing: readonly (readonly string[])[];
  /** Property paths to leave out, for example `spec.replicas`. */
  ignore: readonly string[];
}

type Path = readonly (string | number)[];

/** Names every property path at which the new inputs differ from what the object is known to be. */
export function compareObjects(
  old: Properties,
  news: Properties,
  options: CompareOptions,
): Record<string, PropertyChange> {
  const changes: Record<string, PropertyChange> = {};
  compare([], old, news);
  return changes;

  function compare(path: Path, before: unknown, after: unknown): void {
    if (before === undefined && after === undefined) return;
    if (isObject(before) && isObject(after)) {
      for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
        compare([...path, key], before[key], after[key]);
      }
    } else if (Array.isArray(before) && Array.isArray(after)) {
      for (let index = 0; index < Math.max(before.length, after.length); index++) {
        compare([...path, index], before[index], after[index]);
      }
    } else if (!isSame(path, before, after)) {
      note(path, before, after);
    }
  }

  function isSame(path: Path, before: unknown, after: unknown): boolean {
    if (before === after) return true;
    if (after === unknown) return false;
    if (!options.builtIn) return false;
    if (before === undefined) return isEmpty(after);
    return isSameQuantity(path, before, after);
  }

  function note(path: Path, before: unknown, after: unknown): void {
    const text = pathText(path);
    const ignored = options.ignore.some(
      (prefix) => text === prefix || text.startsWith(`${prefix}.`) || text.startsWith(`${prefix}[`),
    );
    if (ignored) return;
    const kind = before === undefined ? "add" : after === undefined ? "delete" : "update";
    changes[text] = { kind, replace: touches(path, after ?? before, options.replacing) };
  }
}

/** A property path in the engine's notation: `spec.ports[0].port`, `metadata.labels["a.b/c"]`. */
export function pathText(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (/[."[\]]/.test(step)) return `["${step.replaceAll('"', '\\"')}"]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}

/** What the typed kinds of Kubernetes leave out when they write themselves down. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.values(value).every(isEmpty);
  return value === false || value === 0 || value === "";
}
