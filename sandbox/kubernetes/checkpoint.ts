import { randomBytes } from "node:crypto";
import { type Properties } from "../provider/resourceType";
import { type KubernetesObject, annotation, objectId, textAt } from "./kubernetesObject";
import { toProgramForm } from "./normalise";

/** How the engine marks a secret value on the wire. */
const secretMark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** Marks a value as a secret, whatever the inputs said. */
const secret = (value: unknown) => ({ ...secretMark, value });

/** What is kept in state of an object beyond the object itself. */
export interface Checkpoint {
  fieldManager: string;
  initialApiVersion: string;
}

/**
 * The outputs of an object: the live object without its bookkeeping of field owners, and what the provider must
 * remember. A Secret's data is a secret in any case, and so are the remembered inputs, of which the engine cannot know
 * which ones came from secrets.
 */
export function checkpointOutputs(
  live: KubernetesObject,
  inputs: Properties,
  { fieldManager, initialApiVersion }: Checkpoint,
): Properties {
  const { managedFields: _, ...metadata } = live.metadata;
  return {
    ...guarded(toProgramForm({ ...live, metadata })),
    __inputs: secret(inputs),
    __fieldManager: fieldManager,
    __initialApiVersion: initialApiVersion,
  };
}

/** State of an object for a partial failure or a result. */
export function checkpointState(
  live: KubernetesObject,
  inputs: Properties,
  checkpoint: Checkpoint,
) {
  return {
    id: objectId(live),
    inputs: guarded(inputs),
    outputs: checkpointOutputs(live, inputs, checkpoint),
  };
}

/** An object with the data of a Secret marked as one. */
export function guarded(object: Properties): Properties {
  if (object["kind"] !== "Secret" || object["data"] === undefined) return object;
  return { ...object, data: secret(object["data"]) };
}

/** What state remembers of an object; a new field manager for an object that state does not have yet. */
export function readCheckpoint(outputs: Properties, inputs: Properties): Checkpoint {
  return {
    fieldManager:
      annotation(inputs, "pulumi.com/patchFieldManager") ||
      textAt(outputs, "__fieldManager") ||
      `pulumi-kubernetes-${randomBytes(4).toString("hex")}`,
    initialApiVersion: textAt(outputs, "__initialApiVersion") || textAt(inputs, "apiVersion"),
  };
}

/** The live object inside outputs from state. */
export function liveOf(outputs: Properties): Properties {
  return Object.fromEntries(Object.entries(outputs).filter(([key]) => !key.startsWith("__")));
}
