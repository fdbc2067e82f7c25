import { ApiError } from "./client";
import { type Cluster } from "./cluster";
import { type KubernetesObject, objectId } from "./kubernetesObject";

/**
 * Gives every field of a manager up: those that nobody else owns are removed, the object stays.
 *
 * @throws when one of them is a field that the object cannot be without
 */
export async function relinquish(
  cluster: Cluster,
  { apiVersion, kind, metadata }: KubernetesObject,
  fieldManager: string,
): Promise<void> {
  const { name = "", namespace } = metadata;
  // Applying to an object that is gone would make it.
  if (!(await cluster.get({ apiVersion, kind, namespace, name }))) return;
  const empty = { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } };
  try {
    await cluster.apply(empty, { fieldManager, force: false });
  } catch (error) {
    const required =
      error instanceof ApiError &&
      error.details.causes?.find(({ reason }) => reason === "FieldValueRequired");
    if (!required) throw error;
    throw new Error(
      `this Patch resource owns ${required.field}, which ${kind} ${objectId(empty)} cannot be without: set ` +
        `retainOnDelete on it, or give the field to another manager first`,
      { cause: error },
    );
  }
}
