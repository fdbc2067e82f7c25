import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";

/**
 * Makes a directory hold exactly these files. A file that is right already is not touched, since programs watch them; a
 * reader sees a file's old or its new content, never half of it.
 */
export function writeVolume(directory: string, files: ReadonlyMap<string, Buffer>): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const path of filesBelow(directory)) {
    if (!files.has(relative(directory, path))) rmSync(path);
  }
  for (const [name, content] of files) {
    const path = join(directory, name);
    if (isEqual(path, content)) continue;
    mkdirSync(dirname(path), { recursive: true });
    // Outside, because Cilium takes each new file of its directory for a peer.
    const half = `${directory}.new`;
    writeFileSync(half, content, { mode: 0o600 });
    renameSync(half, path);
  }
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());
}

function isEqual(path: string, content: Buffer): boolean {
  try {
    return readFileSync(path).equals(content);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
