import { describe, expect, it } from "vitest";
import { provider } from "../../../sandbox/clouds/random/index";
import { compareInputs } from "../../../sandbox/provider/difference";
import { unknown } from "../../../sandbox/provider/resourceType";
import { harness } from "./harness";

const { check, create, type } = harness(provider, "random");

describe("RandomPassword", () => {
  it("takes every kind of character unless told otherwise", async () => {
    const { inputs, failures } = await check("RandomPassword", { length: 400 });
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({
      lower: true,
      upper: true,
      numeric: true,
      special: true,
      minLower: 0,
    });
    const { result } = (await create("RandomPassword", { length: 400 })).outputs;
    expect(result).toHaveLength(400);
    for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[!@#$%&*()\-_=+[\]{}<>:?]/]) {
      expect(result).toMatch(kind);
    }
  });

  it.each([
    ["letters only", { special: false, numeric: false }, /^[A-Za-z]{40}$/],
    [
      "lower-case hexadecimal is not offered, digits are",
      { lower: false, upper: false, special: false },
      /^\d{40}$/,
    ],
    [
      "the given special characters",
      { lower: false, upper: false, numeric: false, overrideSpecial: "~^" },
      /^[~^]{40}$/,
    ],
  ])("draws %s", async (_what, rules, pattern) => {
    expect((await create("RandomPassword", { length: 40, ...rules })).outputs["result"]).toMatch(
      pattern,
    );
  });

  it("keeps the minimum of each kind", async () => {
    const { outputs } = await create("RandomPassword", {
      length: 8,
      minLower: 2,
      minUpper: 2,
      minNumeric: 2,
      minSpecial: 2,
    });
    const result = String(outputs["result"]);
    expect(result.match(/[a-z]/g)).toHaveLength(2);
    expect(result.match(/[A-Z]/g)).toHaveLength(2);
    expect(result.match(/\d/g)).toHaveLength(2);
  });

  it("does not give the same password twice", async () => {
    const results = await Promise.all(
      Array.from(
        { length: 50 },
        async () => (await create("RandomPassword", { length: 32 })).outputs["result"],
      ),
    );
    expect(new Set(results).size).toBe(50);
  });

  it.each([
    [{}, "length is required"],
    [{ length: 0 }, "length must be at least 1, got 0"],
    [
      { length: 3, minLower: 2, minUpper: 2 },
      "length must be at least the sum of minLower, minUpper, minNumeric and minSpecial (4), got 3",
    ],
    [
      { length: 3, lower: false, upper: false, numeric: false, special: false },
      "at least one of lower, upper, numeric and special must be true",
    ],
  ])("refuses %j", async (inputs, reason) => {
    const { failures } = await check("RandomPassword", inputs);
    expect(failures.map((failure) => failure.reason)).toEqual([reason]);
  });

  it("lets a length pass that is not known yet", async () => {
    expect((await check("RandomPassword", { length: unknown })).failures).toEqual([]);
  });
});

describe("every kind", () => {
  it.each([
    ["RandomPassword", { length: 8 }, { length: 9 }],
    [
      "RandomPassword",
      { length: 8, keepers: { round: "1" } },
      { length: 8, keepers: { round: "2" } },
    ],
    ["RandomString", { length: 8 }, { length: 8, upper: false }],
    ["RandomId", { byteLength: 4 }, { byteLength: 4, prefix: "a-" }],
    ["RandomBytes", { length: 4 }, { length: 5 }],
    ["RandomUuid", {}, { keepers: { round: "1" } }],
    ["RandomInteger", { min: 1, max: 2 }, { min: 1, max: 3 }],
    ["RandomPet", { length: 2 }, { length: 3 }],
    ["RandomShuffle", { inputs: ["a", "b"] }, { inputs: ["a", "c"] }],
  ])("%s is replaced by any change (%j to %j)", (kind, olds, news) => {
    const { changes } = compareInputs(olds, news, type(kind).replaceOn);
    expect(Object.values(changes).map(({ replace }) => replace)).toEqual([true]);
  });

  it("keeps what it has when it is read", () => {
    expect(Object.values(provider.types).filter((each) => "read" in each)).toEqual([]);
  });
});

describe("the other kinds", () => {
  it("RandomId gives the same bytes in four notations, each behind the prefix", async () => {
    const { id, outputs } = await create("RandomId", { byteLength: 8, prefix: "p-" });
    const bytes = Buffer.from(id, "base64url");
    expect(bytes).toHaveLength(8);
    expect(outputs).toMatchObject({
      hex: `p-${bytes.toString("hex")}`,
      b64Std: `p-${bytes.toString("base64")}`,
      b64Url: `p-${id}`,
      dec: `p-${BigInt(`0x${bytes.toString("hex")}`)}`,
    });
  });

  it("RandomBytes gives the same bytes in two notations and does not show them in its id", async () => {
    const { id, outputs } = await create("RandomBytes", { length: 32 });
    expect(Buffer.from(String(outputs["hex"]), "hex").toString("base64")).toBe(outputs["base64"]);
    expect(id).toBe("none");
  });

  it("RandomUuid gives a version 4 UUID", async () => {
    expect((await create("RandomUuid", {})).id).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
  });

  it("RandomInteger stays in its range and repeats by seed", async () => {
    for (let round = 0; round < 50; round++) {
      const { outputs } = await create("RandomInteger", { min: -2, max: 2 });
      expect([-2, -1, 0, 1, 2]).toContain(outputs["result"]);
    }
    const seeded = { min: 0, max: 1_000_000, seed: "germany" };
    const [first, second] = [
      await create("RandomInteger", seeded),
      await create("RandomInteger", seeded),
    ];
    expect(first).toEqual(second);
    const { failures } = await check("RandomInteger", { min: 3, max: 2 });
    expect(failures.map(({ reason }) => reason)).toEqual([
      "min must not be above max, got 3 and 2",
    ]);
  });

  it("RandomPet joins as many words as asked behind its prefix", async () => {
    expect((await create("RandomPet", { length: 3, prefix: "edge" })).id).toMatch(
      /^edge(-[a-z]+){3}$/,
    );
  });

  it("RandomShuffle keeps every item, and repeats them when more are wanted", async () => {
    const inputs = ["a", "b", "c"];
    const { outputs } = await create("RandomShuffle", { inputs, resultCount: 7 });
    const results = outputs["results"] as string[];
    expect(results).toHaveLength(7);
    expect(results.slice(0, 3).toSorted()).toEqual(inputs);
    expect(results.slice(3, 6).toSorted()).toEqual(inputs);
  });
});
