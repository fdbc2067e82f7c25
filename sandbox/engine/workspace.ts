import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { parse, stringify } from "yaml";
import { checkoutPath, sandboxPath } from "../directory";
import { pulumi } from "./run";

interface StackFile {
  encryptionsalt?: string;
  config: Record<string, unknown>;
}

/**
 * Secret settings that a real deployment takes from its accounts. Here they open simulated ones, so any value of the
 * right form will do; each sandbox makes its own.
 */
const secrets = {
  "meridian:hcloudToken": () => randomBytes(32).toString("hex"),
  "meridian:cloudflareApiToken": () => randomBytes(20).toString("hex"),
};

/**
 * Lays out a Pulumi project in `.sandbox/project` whose program is the checkout and whose stack files are the committed
 * ones plus the sandbox's own secrets, so that the committed files are never written to. Creates a stack that does not
 * exist yet.
 */
export async function prepareWorkspace(stacks: readonly string[]): Promise<void> {
  mkdirSync(sandboxPath("project"), { recursive: true });
  mkdirSync(sandboxPath("state"), { recursive: true });
  const project = parse(readFileSync(checkoutPath("Pulumi.yaml"), "utf8")) as object;
  const main = relative(sandboxPath("project"), checkoutPath());
  writeFileSync(sandboxPath("project", "Pulumi.yaml"), stringify({ ...project, main }));
  await Promise.all(stacks.map(prepareStack));
}

async function prepareStack(stack: string): Promise<void> {
  const path = sandboxPath("project", `Pulumi.${stack}.yaml`);
  const committed = readStackFile(checkoutPath(`Pulumi.${stack}.yaml`));
  const previous: StackFile = existsSync(path) ? readStackFile(path) : { config: {} };
  const kept = Object.entries(previous.config).filter(([key]) => key in secrets);
  writeFileSync(
    path,
    stringify({ ...previous, config: { ...committed.config, ...Object.fromEntries(kept) } }),
  );
  if (!previous.encryptionsalt) await pulumi(["stack", "init", stack, "--no-select"]);
  for (const [key, make] of Object.entries(secrets)) {
    if (key in previous.config) continue;
    await pulumi(["config", "set", "--secret", key, "--stack", stack], make());
  }
}

function readStackFile(path: string): StackFile {
  return parse(readFileSync(path, "utf8")) as StackFile;
}

/** A passphrase of this sandbox only, made at its first use: it encrypts the secrets in the sandbox's state. */
export function passphrase(): string {
  const path = sandboxPath("passphrase");
  if (!existsSync(path))
    writeFileSync(path, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return readFileSync(path, "utf8");
}
