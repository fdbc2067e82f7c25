import { rmSync } from "node:fs";
import { sandboxPath } from "../directory";
import { readCheckpoint } from "../engine/checkpoint";
import { pulumi } from "../engine/run";
import { eachStack, exitCode } from "../engine/stacks";
import { prepareWorkspace } from "../engine/workspace";
import { resumeAll } from "../machines/power";
import { recover } from "./recover";

/**
 * Takes regions down. What is protected stays and is named, unless `unprotect` first lifts the protection in the same
 * way as an operator does: by the setting `region.protect: false` and an `up`.
 */
export async function destroy(
  regions: readonly string[],
  options: { unprotect: boolean },
): Promise<number> {
  const existing = regions.filter((region) => (readCheckpoint(region)?.resources?.length ?? 0) > 0);
  const kept = options.unprotect ? [] : existing.flatMap(protectedNames);
  if (kept.length > 0) {
    process.stderr.write(
      `Nothing was taken down, because these are protected:\n${kept.map((name) => `  ${name}\n`).join("")}` +
        "`npm run sandbox -- destroy --unprotect` lifts their protection first.\n",
    );
    return 1;
  }
  await prepareWorkspace(existing);
  await resumeAll();
  for (const region of existing) await recover(region);
  await Promise.all(existing.map(liftProtection));
  const lifted = await eachStack(existing, "up", ["--yes", "--skip-preview", "--suppress-outputs"]);
  if (exitCode(lifted) !== 0) return 1;
  const outcome = await eachStack(existing, "destroy", ["--yes", "--skip-preview"]);
  for (const region of existing.filter((name) => outcome[name])) {
    rmSync(sandboxPath(region), { recursive: true, force: true });
  }
  return exitCode(outcome);
}

const protectedNames = (region: string) =>
  (readCheckpoint(region)?.resources ?? [])
    .filter(({ protect }) => protect)
    .map(({ urn }) => urn.split("::").at(-1) ?? urn);

const liftProtection = (stack: string) =>
  pulumi(["config", "set", "--stack", stack, "--path", "meridian:region.protect", "false"]);
