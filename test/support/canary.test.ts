import { describe, expect, it } from "vitest";
import { canariesIn, canary, leaksIn } from "./canary";

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a canary", () => {
  it.each([
    ["in clear", (value: string) => `token=${value};`],
    ["over two lines", (value: string) => `${value.slice(0, 20)}\n    ${value.slice(20)}`],
    ["in hex", (value: string) => Buffer.from(value).toString("hex")],
    ["in base64", base64],
    ["in base64, one character in", (value: string) => base64(`a${value}`)],
    ["in base64, two characters in", (value: string) => base64(`ab${value}`)],
    ["in base64 after other letters", (value: string) => `content${base64(`ab${value}`)}`],
    ["in base64url", (value: string) => Buffer.from(`???>>>${value}`).toString("base64url")],
    ["in base64 with line breaks", (value: string) => base64(value).replaceAll(/.{10}/gu, "$&\n")],
    ["in base64 twice", (value: string) => base64(`key: ${base64(`-----\n${value}\n`)}\n`)],
  ])("is found %s", (_how, hide) => {
    expect(canariesIn(hide(canary("hcloudToken")))).toEqual(["hcloudToken"]);
  });

  it("is told from another one beside it", () => {
    expect(canariesIn(`${canary("b")}${canary("a")} ${base64(canary("c"))}`)).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  it("is not found where there is none", () => {
    expect(canariesIn(`CANARY ${base64("nothing to see here, at some length")} [secret]`)).toEqual(
      [],
    );
  });
});

describe("a leak", () => {
  it("is named with its place, in values and in keys, at any depth", () => {
    const value = { rules: [{ text: `a ${canary("one")}` }], [canary("two")]: "[secret]" };
    expect(leaksIn(value, "resource")).toEqual([
      "resource.rules.0.text shows one",
      `resource.${canary("two")} (the key itself) shows two`,
    ]);
  });
});
