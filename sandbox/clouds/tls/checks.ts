import { type CheckFailure, type Properties, unknown } from "../../provider/resourceType";
import { usageNames } from "./usages";

/** The mistakes that both kinds of certificate refuse, and the defaults they share. */
export function checkCertificate(
  news: Properties,
  required: readonly string[],
): { inputs: Properties; failures: CheckFailure[] } {
  const inputs: Properties = {
    earlyRenewalHours: 0,
    isCaCertificate: false,
    maxPathLength: -1,
    setSubjectKeyId: false,
    ...news,
  };
  const failures = missing(inputs, ["allowedUses", "validityPeriodHours", ...required]);
  for (const property of ["validityPeriodHours", "earlyRenewalHours"]) {
    const value = inputs[property];
    if (typeof value === "number" && value < 0) {
      failures.push({ property, reason: `${property} must be at least 0, got ${value}` });
    }
  }
  const uses = inputs["allowedUses"];
  for (const use of Array.isArray(uses) ? (uses as string[]) : []) {
    if (use === unknown || usageNames.includes(use)) continue;
    const legal = usageNames.join(", ");
    failures.push({
      property: "allowedUses",
      reason: `allowed use must be one of ${legal}, got ${use}`,
    });
  }
  return { inputs, failures };
}

/** Names each required input that is absent. */
export const missing = (inputs: Properties, required: readonly string[]): CheckFailure[] =>
  required
    .filter((property) => inputs[property] == null)
    .map((property) => ({ property, reason: `${property} is required` }));
