import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { installLibrary } from "../charts/library";
import { checkoutPath, sandboxPath } from "../directory";
import { bundle, installPlugins } from "./bundles";
import { buildTools } from "./tools";
import { passphrase } from "./workspace";

/** The npm packages of the providers that the sandbox stands in for. */
const providers = ["cloudflare", "hcloud", "kubernetes", "random", "tls"];

/**
 * Makes this process and its children live in the sandbox: sets the environment, builds what is missing and puts the
 * plugins in place. The checkout is the one that this file is in and its state is in `.sandbox`, unless
 * MERIDIAN_CHECKOUT and MERIDIAN_SANDBOX already say otherwise, as tests do.
 */
export async function enterSandbox(): Promise<void> {
  process.env["MERIDIAN_CHECKOUT"] ??= resolve(__dirname, "..", "..");
  process.env["MERIDIAN_SANDBOX"] ??= checkoutPath(".sandbox");
  mkdirSync(sandboxPath("bin"), { recursive: true });
  const installed = hasRecentEngine();
  Object.assign(process.env, {
    PATH: [sandboxPath("bin"), process.env["PATH"]].join(delimiter),
    PULUMI_HOME: sandboxPath("home"),
    PULUMI_BACKEND_URL: `file://${sandboxPath("state")}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase(),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_IGNORE_AMBIENT_PLUGINS: "false",
  });
  await buildTools({ engine: !installed });
  await installLibrary();
  await bundle();
  const versions = Object.fromEntries(providers.map((name) => [name, packageVersion(name)]));
  installPlugins(versions, { languageHost: !installed });
}

/** True when an installed Pulumi engine is at least as new as the SDK and has its language host beside it. */
function hasRecentEngine(): boolean {
  const directories = (process.env["PATH"] ?? "").split(delimiter);
  const directory = directories.find((path) => existsSync(join(path, "pulumi")));
  if (!directory || directory === sandboxPath("bin")) return false;
  if (!existsSync(join(directory, "pulumi-language-nodejs"))) return false;
  const answer = spawnSync(join(directory, "pulumi"), ["version"], { encoding: "utf8" });
  const found = answer.stdout.trim().replace(/^v/, "");
  return found.localeCompare(packageVersion("pulumi"), "en", { numeric: true }) >= 0;
}

function packageVersion(name: string): string {
  const manifest = readFileSync(
    checkoutPath("node_modules", "@pulumi", name, "package.json"),
    "utf8",
  );
  return (JSON.parse(manifest) as { version: string }).version;
}
