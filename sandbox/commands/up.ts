import { writeFileSync } from "node:fs";
import { anchor } from "../../regions";
import { sandboxPath } from "../directory";
import { eachStack, exitCode, stackOutputs } from "../engine/stacks";
import { prepareWorkspace } from "../engine/workspace";
import { resumeAll } from "../machines/power";
import { recover } from "./recover";
import { printTable } from "./table";
import { waitForNodes } from "./nodes";

/** Brings regions up, or on from where an interrupted run left them, and prints what there is now. */
export async function up(regions: readonly string[]): Promise<number> {
  await prepareWorkspace(regions);
  await resumeAll();
  for (const region of regions) await recover(region);
  // The others read what the anchor owns.
  const anchors = regions.filter((region) => region === anchor);
  const others = regions.filter((region) => region !== anchor);
  const options = ["--yes", "--skip-preview", "--suppress-outputs"];
  const outcome = {
    ...(await eachStack(anchors, "up", options)),
    ...(await eachStack(others, "up", options)),
  };
  for (const region of regions) await writeKubeconfig(region);
  const done = regions.filter((region) => outcome[region]);
  const missing = await Promise.all(done.map(waitForNodes));
  await printTable(regions);
  return missing.every((sentences) => sentences.length === 0) ? exitCode(outcome) : 1;
}

/** A failed run has made it too, unless it ended very early. */
async function writeKubeconfig(region: string): Promise<void> {
  const { kubeconfig } = await stackOutputs(region);
  if (typeof kubeconfig !== "string") return;
  writeFileSync(sandboxPath(region, "kubeconfig"), kubeconfig, { mode: 0o600 });
}
