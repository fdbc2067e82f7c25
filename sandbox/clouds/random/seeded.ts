import { createHash, randomInt } from "node:crypto";
import type { ResourceType } from "../../provider/resourceType";
import { failuresOf } from "./checks";
import { shuffled } from "./characters";

/** RandomInteger: from `min` to `max`, both included. The same seed gives the same number (not the real provider's). */
export const randomInteger: ResourceType = {
  replaceOn: ["keepers", "max", "min", "seed"],
  computed: ["result"],
  check: (news) => {
    const anyNumber = { minimum: -Infinity };
    const failures = failuresOf(news, { min: anyNumber, max: anyNumber });
    const { min, max } = news;
    if (typeof min === "number" && typeof max === "number" && min > max) {
      failures.push({
        property: "min",
        reason: `min must not be above max, got ${min} and ${max}`,
      });
    }
    return { inputs: news, failures };
  },
  create: (inputs) => {
    const min = inputs["min"] as number;
    const below = numbersOf(inputs["seed"]);
    const result = min + below((inputs["max"] as number) - min + 1);
    return { id: String(result), outputs: { ...inputs, result } };
  },
  delete: () => undefined,
};

/** RandomShuffle: the inputs in another order, repeated or cut to `resultCount`. */
export const randomShuffle: ResourceType = {
  replaceOn: ["inputs", "keepers", "resultCount", "seed"],
  computed: ["results"],
  create: (inputs) => {
    const items = inputs["inputs"] as string[];
    const count = (inputs["resultCount"] as number | undefined) ?? items.length;
    const below = numbersOf(inputs["seed"]);
    const results: string[] = [];
    while (items.length > 0 && results.length < count) results.push(...shuffled(items, below));
    return { id: "-", outputs: { ...inputs, results: results.slice(0, count) } };
  },
  delete: () => undefined,
};

/** Numbers from 0 to below a limit of at most 2^48: secure ones without a seed, repeatable ones with it. */
function numbersOf(seed: unknown): (limit: number) => number {
  if (typeof seed !== "string") return (limit) => randomInt(limit);
  let round = 0;
  return (limit) => {
    const digest = createHash("sha256").update(`${seed} ${round++}`).digest();
    return digest.readUIntBE(0, 6) % limit;
  };
}
