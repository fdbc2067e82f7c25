import { renameSync, writeFileSync } from "node:fs";

let written = 0;

/** Writes a file that a reader finds whole or not at all, whenever this process is killed. Only its owner may read it. */
export function writeAtomically(path: string, content: string): void {
  const draft = `${path}.${process.pid}.${++written}.tmp`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, path);
}
