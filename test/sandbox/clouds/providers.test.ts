import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { provider as cloudflare } from "../../../sandbox/clouds/cloudflare/provider";
import { provider as hcloud } from "../../../sandbox/clouds/hcloud/provider";

describe.each([
  ["hcloud", hcloud, "token"],
  ["cloudflare", cloudflare, "apiToken"],
])("%s", (name, provider, token) => {
  test("has the version of its npm package", () => {
    const manifest = readFileSync(require.resolve(`@pulumi/${name}/package.json`), "utf8");
    expect(provider.version).toBe((JSON.parse(manifest) as { version: string }).version);
    expect(provider.name).toBe(name);
  });

  test.each([{}, { [token]: "" }, { [token]: "short" }, { [token]: "spaces in it ".repeat(5) }])(
    "refuses the settings %j",
    (config) => {
      expect(provider.checkConfig!(config)).toEqual([
        { property: token, reason: expect.stringContaining("is needed") as string },
      ]);
    },
  );

  test("takes a token of the right length", () => {
    const length = name === "hcloud" ? 64 : 40;
    expect(provider.checkConfig!({ [token]: "x".repeat(length) })).toEqual([]);
  });
});
