import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { checkoutPath, sandboxPath } from "../directory";

/** Entry points that run in processes of their own, many at a time; as one file each they start in a third of a second. */
const entryPoints = {
  "language-host": "sandbox/engine/languageHost.ts",
  provider: "sandbox/provider/main.ts",
  machine: "sandbox/machines/main.ts",
};

/** Bundles what the engine and the machines start into `.sandbox/lib`. Takes well under a second. */
export async function bundle(): Promise<void> {
  await build({
    entryPoints: Object.entries(entryPoints).map(([out, path]) => ({
      out,
      in: checkoutPath(path),
    })),
    outdir: sandboxPath("lib"),
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    logLevel: "error",
  });
}

/**
 * Puts the providers, the dynamic-resource provider and the language host where the engine looks for them.
 *
 * @param versions by package name, exactly those of the npm packages that the program uses
 */
export function installPlugins(
  versions: Record<string, string>,
  options: { languageHost: boolean },
): void {
  for (const [name, version] of Object.entries(versions)) {
    const directory = sandboxPath("home", "plugins", `resource-${name}-v${version}`);
    mkdirSync(directory, { recursive: true });
    writeScript(
      `${directory}/pulumi-resource-${name}`,
      `"$MERIDIAN_SANDBOX/lib/provider.cjs" ${name}`,
    );
  }
  const dynamicProvider = "$MERIDIAN_CHECKOUT/node_modules/@pulumi/pulumi/cmd/dynamic-provider";
  writeScript(sandboxPath("bin", "pulumi-resource-pulumi-nodejs"), `"${dynamicProvider}"`);
  if (!options.languageHost) return;
  const languageHost = '"$MERIDIAN_SANDBOX/lib/language-host.cjs"';
  writeScript(sandboxPath("bin", "pulumi-language-nodejs"), languageHost);
}

/** Scripts find the sandbox by the environment, so that several sandboxes can share one directory of built programs. */
function writeScript(path: string, command: string): void {
  writeFileSync(path, `#!/bin/sh\nexec node ${command} "$@"\n`);
  chmodSync(path, 0o755);
}
