import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { schemaPath, schemaText } from "../schemas/generate";
import { secretKeys } from "../settings";

interface Schema {
  properties: {
    config: { properties: Record<string, { description?: string }>; required: string[] };
  };
}

describe("the schema of a stack file", () => {
  it("is committed as generated", () => {
    expect(
      readFileSync(schemaPath, "utf8"),
      "schemas/stack.schema.json is out of date; run: npm run schemas",
    ).toBe(schemaText());
  });

  it("demands the groups without default and describes every key", () => {
    const { config } = (JSON.parse(schemaText()) as Schema).properties;
    expect(config.required).toEqual([
      "meridian:region",
      "meridian:domain",
      "meridian:access",
      "meridian:acme",
      "meridian:pools",
    ]);
    const described = Object.values(config.properties).map(({ description }) => description);
    expect(described).not.toContain(undefined);
  });

  it("accepts a secret in its encrypted form only", () => {
    const { config } = (JSON.parse(schemaText()) as Schema).properties;
    for (const key of secretKeys) {
      expect(config.properties[`meridian:${key}`]).toMatchObject({
        type: "object",
        required: ["secure"],
      });
    }
  });
});
