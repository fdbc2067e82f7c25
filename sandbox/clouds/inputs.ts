import { createHash } from "node:crypto";
import { type z } from "zod";
import { containsUnknown } from "../provider/difference";
import { type CheckFailure, type Properties } from "../provider/resourceType";

/** The inputs that a kind of resource takes, by name, with their types and defaults. */
export type Shape = Record<string, z.ZodType>;

/** The inputs of a shape once {@link checkInputs} has found nothing wrong. */
export type Checked<S extends Shape> = { [Key in keyof S]: z.infer<S[Key]> };

/**
 * Checks inputs against a shape: fills defaults in and names every mistake, also an input that does not exist.
 * A value that is not known yet, wholly or partly, is left as it is.
 */
export function checkInputs(
  shape: Shape,
  news: Properties,
): { inputs: Properties; failures: CheckFailure[] } {
  const inputs: Properties = {};
  const failures: CheckFailure[] = [];
  for (const [key, value] of Object.entries(news)) {
    if (key.startsWith("__")) continue;
    if (key in shape) inputs[key] = value;
    else failures.push({ property: key, reason: `"${key}" is not an input of this resource` });
  }
  for (const [key, type] of Object.entries(shape)) {
    if (containsUnknown(inputs[key])) continue;
    const parsed = type.safeParse(inputs[key] ?? undefined);
    if (parsed.success) {
      if (parsed.data !== undefined) inputs[key] = parsed.data;
    } else if (inputs[key] == null) {
      failures.push({ property: key, reason: `"${key}" is required` });
    } else {
      for (const { path, message } of parsed.error.issues) {
        failures.push({ property: [key, ...path].join("."), reason: message });
      }
    }
  }
  return { inputs, failures };
}

/**
 * Gives a resource without a name the one it had, or else its Pulumi name and seven hex digits. The digits come from
 * the URN, so that a preview tells the name that the update will use.
 */
export function withName(inputs: Properties, olds: Properties, urn: string): Properties {
  if (inputs["name"] != null) return inputs;
  const digits = createHash("sha256").update(urn).digest("hex").slice(0, 7);
  return { ...inputs, name: olds["name"] ?? `${urn.split("::").at(-1)}-${digits}` };
}

/**
 * The inputs that describe an object as it is now, for a refresh or an import: those that were given before with the
 * object's present values, and every other one that is not empty, unless the cloud chooses it itself (`computed`).
 * `localOnly` inputs are settings of the provider that the cloud does not tell; they stay as they were.
 */
export function presentInputs(
  shape: Shape,
  object: Properties,
  before: Properties,
  {
    computed = [],
    localOnly = [],
  }: { computed?: readonly string[]; localOnly?: readonly string[] },
): Properties {
  const importing = Object.keys(before).length === 0;
  const inputs: Properties = {};
  for (const key of Object.keys(shape)) {
    if (localOnly.includes(key)) {
      if (key in before) inputs[key] = before[key];
    } else if (key in before || (!isEmpty(object[key]) && (importing || !computed.includes(key)))) {
      inputs[key] = object[key];
    }
  }
  return inputs;
}

const isEmpty = (value: unknown) =>
  value == null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
