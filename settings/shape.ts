import * as z from "zod";

/** What of a group could be read: every field may be missing, down to the leaves. Lists are whole or missing. */
export type Parts<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Parts<T[K]> | undefined }
    : T;

/** Longest piece of a wrong value that a message repeats. */
const longestValue = 60;

/** Where a setting is: "meridian:pools.edge.count" for the path pools, edge, count. */
export function keyPath(path: readonly PropertyKey[]): string {
  const [group = "", ...rest] = path.map(String);
  return rest.reduce(
    (text, key) => (/^\d+$/.test(key) ? `${text}[${key}]` : `${text}.${key}`),
    `meridian:${group}`,
  );
}

/** One sentence for each mistake that the schema found, except in the groups whose content must not be shown. */
export function shapeMistakes(
  schema: z.ZodType,
  error: z.ZodError,
  hidden: ReadonlySet<string>,
): string[] {
  const visible = error.issues.filter(({ path }) => !hidden.has(String(path[0])));
  return [...new Set(visible.flatMap((issue) => describe(schema, issue)))];
}

function describe(schema: z.ZodType, issue: z.core.$ZodIssue): string[] {
  const keys = Object.keys(objectIn(at(schema, issue.path))?.shape ?? {}).join(", ");
  if (issue.code === "unrecognized_keys") {
    // The value is not repeated: it may be a secret in the wrong place.
    return issue.keys.map(
      (key) => `${keyPath([...issue.path, key])} is not a setting; legal keys here: ${keys}.`,
    );
  }
  const isGroup = issue.code === "invalid_type" && issue.expected === "object";
  const legal = isGroup ? `a group with the keys ${keys}` : issue.message;
  return issue.input === undefined
    ? [`${keyPath(issue.path)} is missing; it must be ${legal}.`]
    : [`${keyPath(issue.path)}: ${show(issue.input)} must be ${legal}.`];
}

/** A wrong value as one short piece of text. */
export function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}...`;
}

/** Reads every field that can be read of a value that as a whole is not legal. */
export function partsOf<T>(schema: z.ZodType<T>, raw: unknown): Parts<T> | undefined;
export function partsOf(schema: z.ZodType, raw: unknown): unknown {
  const whole = schema.safeParse(raw);
  if (whole.success) {
    return whole.data;
  }
  const object = objectIn(schema);
  if (object === undefined || typeof raw !== "object" || raw === null) {
    return undefined;
  }
  const values = new Map<string, unknown>(Object.entries(raw));
  return Object.fromEntries(
    Object.entries(object.shape).map(([key, field]) => [key, partsOf(field, values.get(key))]),
  );
}

/** The schema that a path leads to. */
function at(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>(
    (outer, key) => outer && objectIn(outer)?.shape[String(key)],
    schema,
  );
}

/** The group behind a schema that may be optional or have a default. */
function objectIn(schema: unknown): z.ZodObject<Record<string, z.ZodType>> | undefined {
  if (schema instanceof z.ZodObject) {
    return schema;
  }
  return schema instanceof z.ZodExactOptional || schema instanceof z.ZodPrefault
    ? objectIn(schema.unwrap())
    : undefined;
}
