import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { ResourceType } from "../../provider/resourceType";
import { failuresOf } from "./checks";

/** RandomId: random bytes in several notations, for names. */
export const randomId: ResourceType = {
  replaceOn: ["byteLength", "keepers", "prefix"],
  computed: ["b64Std", "b64Url", "dec", "hex"],
  check: (news) => ({ inputs: news, failures: failuresOf(news, { byteLength: { minimum: 1 } }) }),
  create: (inputs) => {
    const bytes = randomBytes(inputs["byteLength"] as number);
    const prefix = (inputs["prefix"] as string | undefined) ?? "";
    const hex = bytes.toString("hex");
    return {
      id: bytes.toString("base64url"),
      outputs: {
        ...inputs,
        b64Std: prefix + bytes.toString("base64"),
        b64Url: prefix + bytes.toString("base64url"),
        dec: prefix + BigInt(`0x${hex}`).toString(),
        hex: prefix + hex,
      },
    };
  },
  delete: () => undefined,
};

/** RandomBytes: random bytes that are a secret. */
export const randomBytesType: ResourceType = {
  replaceOn: ["keepers", "length"],
  computed: ["base64", "hex"],
  check: (news) => ({ inputs: news, failures: failuresOf(news, { length: { minimum: 1 } }) }),
  create: (inputs) => {
    const bytes = randomBytes(inputs["length"] as number);
    return {
      id: "none",
      outputs: { ...inputs, base64: bytes.toString("base64"), hex: bytes.toString("hex") },
    };
  },
  delete: () => undefined,
};

/** RandomUuid: a version 4 UUID. */
export const randomUuid: ResourceType = {
  replaceOn: ["keepers"],
  computed: ["result"],
  create: (inputs) => {
    const result = randomUUID();
    return { id: result, outputs: { ...inputs, result } };
  },
  delete: () => undefined,
};

const petWords = {
  adverbs: ["boldly", "calmly", "gently", "gladly", "kindly", "neatly", "quietly", "swiftly"],
  adjectives: ["amber", "brave", "clever", "eager", "lively", "mellow", "silver", "steady"],
  animals: ["badger", "falcon", "heron", "lynx", "marten", "otter", "puffin", "walrus"],
};

/** RandomPet: a name of adverbs, an adjective and an animal, drawn from a short list of our own. */
export const randomPet: ResourceType = {
  replaceOn: ["keepers", "length", "prefix", "separator"],
  check: (news) => {
    const inputs = { length: 2, separator: "-", ...news };
    return { inputs, failures: failuresOf(inputs, { length: { minimum: 1 } }) };
  },
  create: (inputs) => {
    const length = inputs["length"] as number;
    const words = Array.from({ length }, (_, index) => {
      const place = length - 1 - index;
      const list = place === 0 ? "animals" : place === 1 ? "adjectives" : "adverbs";
      return petWords[list][randomInt(petWords[list].length)]!;
    });
    const prefix = inputs["prefix"] as string | undefined;
    const id = [...(prefix ? [prefix] : []), ...words].join(inputs["separator"] as string);
    return { id, outputs: inputs };
  },
  delete: () => undefined,
};
