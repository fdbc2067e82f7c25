import type { CheckFailure, Properties } from "../../provider/resourceType";

/** What a required integer input must be. */
interface Demand {
  minimum: number;
}

/** Names each required integer that is absent or too small. A value that is not known yet passes. */
export function failuresOf(inputs: Properties, demands: Record<string, Demand>): CheckFailure[] {
  return Object.entries(demands).flatMap(([property, { minimum }]) => {
    const value = inputs[property];
    if (value == null) return [{ property, reason: `${property} is required` }];
    if (typeof value !== "number" || value >= minimum) return [];
    return [{ property, reason: `${property} must be at least ${minimum}, got ${value}` }];
  });
}
