import { isObject } from "../provider/difference";
import { type Properties } from "../provider/resourceType";

/** Keys of a CustomResourceDefinition's schema that are no identifiers, and are spelt with underscores in programs. */
const schemaKeys = [
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-validations",
];
const toServer = new Map(schemaKeys.map((key) => [key.replaceAll("-", "_"), key]));
const toProgram = new Map(schemaKeys.map((key) => [key, key.replaceAll("-", "_")]));

/** Metadata that only the API server writes. */
const serverMetadata = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/**
 * Inputs in the form in which the API server keeps them, so that they can be sent to it and compared with what it
 * answers: absent values dropped, `stringData` of a Secret folded into `data`, nothing that only the server writes.
 */
export function normalise(inputs: Properties): Properties {
  const object = withKeys(inputs, toServer);
  if (isObject(object["metadata"])) {
    object["metadata"] = without(object["metadata"], serverMetadata);
  }
  if (object["kind"] === "Secret" && object["apiVersion"] === "v1") return foldStringData(object);
  if (object["kind"] === "CustomResourceDefinition") return without(object, ["status"]);
  return object;
}

/** A live object in the form in which programs see it. */
export const toProgramForm = (object: Properties) => withKeys(object, toProgram);

function foldStringData(secret: Properties): Properties {
  const { stringData, ...rest } = secret;
  const data: Properties = {};
  if (isObject(rest["data"])) {
    for (const [key, value] of Object.entries(rest["data"])) data[key] = recode(value);
  }
  if (isObject(stringData)) {
    for (const [key, value] of Object.entries(stringData)) {
      data[key] = Buffer.from(String(value)).toString("base64");
    }
  }
  return Object.keys(data).length > 0 ? { ...rest, data } : rest;
}

/** Base64 as the API server writes it, without the white space that it tolerates. */
function recode(value: unknown): unknown {
  if (typeof value !== "string" || !/^[\sA-Za-z0-9+/]*[\s=]*$/.test(value)) return value;
  return Buffer.from(value, "base64").toString("base64");
}

function withKeys(object: Properties, names: Map<string, string>): Properties {
  const entries = Object.entries(object).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return Object.fromEntries(
    entries.map(([key, value]) => [names.get(key) ?? key, valueWithKeys(value, names)]),
  );
}

function valueWithKeys(value: unknown, names: Map<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => valueWithKeys(item, names));
  return isObject(value) ? withKeys(value, names) : value;
}

const without = (object: Properties, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
