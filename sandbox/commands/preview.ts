import { eachStack, exitCode } from "../engine/stacks";
import { prepareWorkspace } from "../engine/workspace";
import { resumeAll } from "../machines/power";

/** Shows what `up` would change in each region. */
export async function preview(regions: readonly string[]): Promise<number> {
  await prepareWorkspace(regions);
  await resumeAll();
  return exitCode(await eachStack(regions, "preview", ["--diff"]));
}
