import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { anchor } from "../../regions";
import { leaksIn } from "./canary";
import { renderStack } from "./render";
import { asSecret, hideSecrets, revealSecrets } from "./secrets";

describe("secrets on the wire", () => {
  it("are hidden and revealed at any depth", () => {
    const value = { a: [asSecret({ b: asSecret("c") })], d: "e" };
    expect(hideSecrets(value)).toEqual({ a: ["[secret]"], d: "e" });
    expect(revealSecrets(value)).toEqual({ a: [{ b: "c" }], d: "e" });
  });
});

describe("a render", () => {
  it("shows a program that takes a secret out of its wrapping", async () => {
    const { resources } = await renderStack(anchor);
    const server = resources.find(({ type }) => type === "hcloud:index/server:Server");
    expect(leaksIn(server?.inputs, "server")).toEqual([]);
    expect(leaksIn(server?.revealedInputs, "server").length).toBeGreaterThan(0);
  });

  it("is the same each time, with the same addresses and ids", async () => {
    const one = await renderStack(anchor, { edit: (config) => config });
    const two = await renderStack(anchor, { edit: (config) => config });
    expect(one).not.toBe(two);
    expect(one.resources.map(({ revealedInputs }) => revealedInputs)).toEqual(
      two.resources.map(({ revealedInputs }) => revealedInputs),
    );
  });

  it("runs as the stack that it is asked for", async () => {
    await renderStack("singapore", { edit: (config) => config });
    expect(pulumi.getStack()).toBe("singapore");
  });
});
