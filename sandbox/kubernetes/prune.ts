import { isObject } from "../provider/difference";
import { type Properties } from "../provider/resourceType";

/**
 * The part of a live object that inputs speak of. What the API server and other writers added drops out, what they
 * changed or removed shows. Lists are matched by position.
 */
export function prune(live: Properties, inputs: Properties): Properties {
  const shared = Object.entries(live).filter(([key]) => Object.hasOwn(inputs, key));
  return Object.fromEntries(shared.map(([key, value]) => [key, pruneValue(value, inputs[key])]));
}

function pruneValue(live: unknown, input: unknown): unknown {
  if (isObject(live) && isObject(input)) return prune(live, input);
  if (Array.isArray(live) && Array.isArray(input)) {
    return live.slice(0, input.length).map((item, index) => pruneValue(item, input[index]));
  }
  return live;
}
