import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { secretKeys, StackFile } from "../settings";

/** Where the committed schema is. */
export const schemaPath = join(__dirname, "stack.schema.json");

/** The JSON schema of a whole stack file, as the text that is committed. Editors read it by the file's first line. */
export function schemaText(): string {
  const { properties = {}, required = [] } = z.toJSONSchema(StackFile, { io: "input" });
  const groups = Object.entries(properties).map(([key, schema]) => [`meridian:${key}`, schema]);
  const secrets = secretKeys.map((key) => [`meridian:${key}`, secret]);
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Stack file of Meridian",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries([...groups, ...secrets]),
        required: required.map((key) => `meridian:${key}`),
        // Other namespaces, such as pulumi:, are not ours to judge; a misspelt key of ours is.
        patternProperties: { "^(?!meridian:)": true },
        additionalProperties: false,
      },
    },
    required: ["config"],
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** A secret is legal in its encrypted form only. */
const secret = {
  description: "Secret; set it with `pulumi config set --secret`.",
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
};

if (require.main === module) {
  writeFileSync(schemaPath, schemaText());
}
