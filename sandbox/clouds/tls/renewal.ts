import { compareInputs } from "../../provider/difference";
import type { Properties, ResourceType } from "../../provider/resourceType";

/** True when a certificate has ended, or ends within so many hours. */
export function hasEnded(validityEndTime: unknown, earlyRenewalHours: unknown): boolean {
  if (typeof validityEndTime !== "string") return false;
  const early = typeof earlyRenewalHours === "number" ? earlyRenewalHours : 0;
  return Date.now() >= Date.parse(validityEndTime) - early * 3_600_000;
}

/**
 * How a certificate ages: a refresh sets `readyForRenewal`, the next `up` replaces what is ready, and a change of
 * `earlyRenewalHours` alone changes no certificate that is not ready by it.
 */
export const renewal: Required<Pick<ResourceType, "diff" | "read" | "update">> = {
  diff: (_id, oldInputs, olds, news) => {
    const keys = new Set([...Object.keys(oldInputs), ...Object.keys(news)]);
    keys.delete("earlyRenewalHours");
    const { changes } = compareInputs(oldInputs, news, [...keys]);
    if (hasEnded(olds["validityEndTime"], news["earlyRenewalHours"])) {
      changes["readyForRenewal"] = { kind: "update", replace: true };
    }
    return { changes };
  },
  read: (id, inputs, outputs) => ({ id, inputs, outputs: aged(outputs) }),
  update: (_id, olds, news) => aged({ ...olds, ...news }),
};

const aged = (outputs: Properties): Properties => ({
  ...outputs,
  readyForRenewal: hasEnded(outputs["validityEndTime"], outputs["earlyRenewalHours"]),
});
