import { isObject } from "../../provider/difference";
import { listAt } from "../kubernetesObject";

/** One entry of `status.conditions`. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

/** The condition of a type, or undefined while the object has none. */
export function conditionOf(object: unknown, type: string): Condition | undefined {
  return listAt(object, "status", "conditions").find(
    (condition): condition is Condition & Record<string, unknown> =>
      isObject(condition) && condition["type"] === type,
  );
}

/** A condition in words: `[reason] message`. */
export const describe = ({ type, status, reason, message }: Condition) =>
  `[${reason ?? `${type}=${status}`}] ${message ?? ""}`.trim();
