import { randomInt } from "node:crypto";
import type { CheckFailure, Properties, ResourceType } from "../../provider/resourceType";
import { failuresOf } from "./checks";

/** Which characters a password or string is made of. */
interface CharacterRules {
  length: number;
  lower: boolean;
  upper: boolean;
  numeric: boolean;
  special: boolean;
  minLower: number;
  minUpper: number;
  minNumeric: number;
  minSpecial: number;
  overrideSpecial?: string;
}

/** The special characters of the real provider, as the type file of the npm package names them. */
const specialCharacters = "!@#$%&*()-_=+[]{}<>:?";

const defaults = {
  lower: true,
  upper: true,
  numeric: true,
  special: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
};

/** Inputs of both kinds. `number` is the old word for `numeric`. */
const inputNames = [...Object.keys(defaults), "keepers", "length", "number", "overrideSpecial"];

/**
 * RandomPassword. Its output `bcryptHash` is left out: no installed library computes bcrypt, and nothing here reads it.
 */
export const randomPassword: ResourceType = {
  replaceOn: inputNames,
  computed: ["result"],
  check: (news) => checkRules(news),
  create: (inputs) => ({ id: "none", outputs: { ...inputs, result: randomText(inputs) } }),
  delete: () => undefined,
};

/** RandomString: as RandomPassword, but its result is no secret and is its id. */
export const randomString: ResourceType = {
  replaceOn: inputNames,
  computed: ["result"],
  check: (news) => checkRules(news),
  create: (inputs) => {
    const result = randomText(inputs);
    return { id: result, outputs: { ...inputs, result } };
  },
  delete: () => undefined,
};

function checkRules(news: Properties): { inputs: Properties; failures: CheckFailure[] } {
  const numeric = news["numeric"] ?? news["number"] ?? true;
  const inputs: Properties = { ...defaults, ...news, numeric, number: numeric };
  const failures = failuresOf(inputs, { length: { minimum: 1 } });
  const { length } = inputs;
  const minimums = [
    inputs["minLower"],
    inputs["minUpper"],
    inputs["minNumeric"],
    inputs["minSpecial"],
  ];
  const sum = minimums.reduce<number>((total, n) => total + (typeof n === "number" ? n : 0), 0);
  if (typeof length === "number" && length < sum) {
    failures.push({
      property: "length",
      reason: `length must be at least the sum of minLower, minUpper, minNumeric and minSpecial (${sum}), got ${length}`,
    });
  }
  if (["lower", "upper", "numeric", "special"].every((kind) => inputs[kind] === false)) {
    failures.push({
      property: "",
      reason: "at least one of lower, upper, numeric and special must be true",
    });
  }
  return { inputs, failures };
}

/** Draws the demanded minimum of each kind, fills up from all kinds, then shuffles. */
function randomText(inputs: Properties): string {
  const rules = inputs as unknown as CharacterRules;
  const kinds = [
    { use: rules.lower, minimum: rules.minLower, characters: "abcdefghijklmnopqrstuvwxyz" },
    { use: rules.upper, minimum: rules.minUpper, characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
    { use: rules.numeric, minimum: rules.minNumeric, characters: "0123456789" },
    {
      use: rules.special,
      minimum: rules.minSpecial,
      characters: rules.overrideSpecial ?? specialCharacters,
    },
  ];
  const drawn = kinds.flatMap(({ minimum, characters }) => draw(characters, minimum));
  const all = kinds.map(({ use, characters }) => (use ? characters : "")).join("");
  return shuffled([...drawn, ...draw(all, rules.length - drawn.length)]).join("");
}

const draw = (characters: string, count: number) =>
  Array.from({ length: count }, () => characters.charAt(randomInt(characters.length)));

/** A shuffled copy, every order equally likely. */
export function shuffled<T>(
  items: readonly T[],
  below: (limit: number) => number = randomInt,
): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = below(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
