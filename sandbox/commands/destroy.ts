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
  await prepareWorkspace(existing);
  await resumeAll();
  for (const region of existing) await recover(region);
  if (options.unprotect) {
    await Promise.all(existing.map(liftProtection));
    const lifted = await eachStack(existing, "up", [
      "--yes",
      "--skip-preview",
      "--suppress-outputs",
    ]);
    if (exitCode(lifted) !== 0) return 1;
  }
  // The preview is not skipped: it fails on the first protected thing, before anything is taken down.
  const outcome = await eachStack(existing, "destroy", ["--yes"]);
  for (const region of existing)
    if (outcome[region]) rmSync(sandboxPath(region), { recursive: true, force: true });
  if (exitCode(outcome) !== 0 && !options.unprotect) {
    process.stderr.write(
      "Protected things stay. `npm run sandbox -- destroy --unprotect` lifts their protection first.\n",
    );
  }
  return exitCode(outcome);
}

const liftProtection = (stack: string) =>
  pulumi(["config", "set", "--stack", stack, "--path", "meridian:region.protect", "false"]);
