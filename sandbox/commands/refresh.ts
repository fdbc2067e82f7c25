import { eachStack, exitCode } from "../engine/stacks";
import { prepareWorkspace } from "../engine/workspace";
import { resumeAll } from "../machines/power";

/** Takes into the state what is really there. */
export async function refresh(regions: readonly string[]): Promise<number> {
  await prepareWorkspace(regions);
  await resumeAll();
  return exitCode(await eachStack(regions, "refresh", ["--yes", "--skip-preview"]));
}
