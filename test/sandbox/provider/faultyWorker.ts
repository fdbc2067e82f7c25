import { writeFileSync } from "node:fs";
import { withFaults } from "../../../sandbox/provider/faults";
import { sandboxPath } from "../../../sandbox/directory";

/** Run by faults.test.ts as a process of its own: one call whose work leaves a file and then an answer. */
async function main(): Promise<void> {
  const call = { provider: "hcloud", type: "Server", action: "create" } as const;
  await withFaults(call, () => writeFileSync(sandboxPath("committed"), ""));
  process.stdout.write("answered");
}

main().catch((error: unknown) => process.stdout.write(String(error)));
