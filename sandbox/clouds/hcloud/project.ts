import { z } from "zod";
import { inventory, transact, type Transaction } from "../store";
import { type Kind, type Kinds } from "./objects";

/** The simulated project while nobody else changes it. */
export type Project = Transaction<Kinds>;

/** Reads and changes the simulated project; see {@link transact}. */
export const inProject = <T>(work: (project: Project) => T): T => transact("hcloud", work);

/** Everything that exists in the simulated project. */
export const hcloudInventory = () => inventory("hcloud");

/** An error as Hetzner's API client words it: the message, then the code in parentheses. */
export const apiError = (code: string, message: string) => new Error(`${message} (${code})`);

/**
 * The object of that kind and id.
 *
 * @throws `not_found` when there is none
 */
export function find<K extends Kind>(project: Project, kind: K, id: string | number): Kinds[K] {
  const object = project.get(kind, String(id));
  if (!object) throw apiError("not_found", `${kind} with ID '${id}' not found`);
  return object;
}

/** @throws `uniqueness_error` when another object of that kind has the name */
export function demandFreeName(project: Project, kind: Kind, name: string, id?: string): void {
  const taken = project.all(kind).find((other) => other.name === name);
  if (taken && taken.id !== id) {
    const subject = kind === "server" ? "server name" : "name";
    throw apiError("uniqueness_error", `${subject} is already used: ${kind} "${name}"`);
  }
}

/** @throws `resource_limit_exceeded` when the project has `limit` objects of that kind */
export function demandRoom(project: Project, kind: Kind, limit: number): void {
  if (project.all(kind).length >= limit) {
    throw apiError("resource_limit_exceeded", `a project has at most ${limit} of kind ${kind}`);
  }
}

/** @throws `protected` when the object's deletion protection is on */
export function demandUnprotected(
  kind: Kind,
  { name, deleteProtection }: { name: string; deleteProtection: boolean },
): void {
  if (deleteProtection) {
    throw apiError(
      "protected",
      `${kind} "${name}" is protected from deletion; set deleteProtection to false first`,
    );
  }
}

const labelPart = /^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
const labelPrefix = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Labels of any object: Kubernetes' syntax for keys and values. */
export const labelMap = z.record(z.string(), z.string()).superRefine((given, context) => {
  for (const [key, value] of Object.entries(given)) {
    const [name = "", prefix, ...more] = key.split("/").toReversed();
    if (
      more.length > 0 ||
      !labelPart.test(name) ||
      !(prefix === undefined || labelPrefix.test(prefix))
    ) {
      context.addIssue({
        code: "custom",
        message: `label key "${key}" is not correctly formatted`,
      });
    }
    if (value !== "" && !labelPart.test(value)) {
      context.addIssue({
        code: "custom",
        message: `label value "${value}" (key: "${key}") is not correctly formatted`,
      });
    }
  }
});
