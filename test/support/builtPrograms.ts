import { spawnSync } from "node:child_process";

/** Builds what the sandbox tests run, once before all of them: a test that needs a tool never skips. */
export function setup(): void {
  const args = ["--import", "tsx", "sandbox/main.ts", "status"];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) throw new Error("the sandbox's programs could not be built: see above");
}
