import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enterSandbox } from "../../sandbox/engine/environment";
import { stopAll } from "../../sandbox/machines/power";

/** Vitest runs in the root of the checkout. */
const checkout = process.cwd();

/** What makes up the program; a test may edit its own copy. */
const program = [
  "components",
  "settings",
  "anchor.ts",
  "index.ts",
  "settings.ts",
  "cidr.ts",
  "regions.ts",
  "versions.ts",
  "tsconfig.json",
  "package.json",
  "Pulumi.yaml",
];

/** A sandbox of a test's own, beside any other on this machine. */
export interface TestSandbox {
  /** Changes a file of the program, for this sandbox only. Fails when `from` does not occur in it. */
  editProgram(file: string, from: string, to: string): void;
  /** Writes a stack file anew, for this sandbox only. */
  writeStackFile(stack: string, text: string): void;
  /** Calls `npm run sandbox -- <words>` and waits for its end. */
  run(...words: string[]): { exitCode: number; stdout: string; stderr: string };
  /** Ends its processes and forgets all that was ever made, to begin again with empty accounts. */
  reset(): Promise<void>;
  /** Ends its processes and deletes it. */
  remove(): Promise<void>;
}

/**
 * Makes a sandbox in a temporary directory and lets this test process live in it. It shares the checkout's built
 * programs, and builds them when they are missing.
 *
 * @param network 1 to 199, another one for each test file: the third part of its machines' addresses
 */
export async function makeSandbox(network: number): Promise<TestSandbox> {
  const root = mkdtempSync(join(tmpdir(), "meridian-"));
  const copy = join(root, "checkout");
  const directory = join(copy, ".sandbox");
  const binaries = join(checkout, ".sandbox", "bin");
  mkdirSync(binaries, { recursive: true });
  mkdirSync(directory, { recursive: true });
  symlinkSync(binaries, join(directory, "bin"));
  for (const shared of ["node_modules", "sandbox"]) {
    symlinkSync(join(checkout, shared), join(copy, shared));
  }
  const stackFiles = readdirSync(checkout).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
  for (const name of [...program, ...stackFiles]) {
    cpSync(join(checkout, name), join(copy, name), { recursive: true });
  }
  process.env["MERIDIAN_SANDBOX_NETWORK"] = String(network);
  process.env["MERIDIAN_CHECKOUT"] = copy;
  process.env["MERIDIAN_SANDBOX"] = directory;
  await enterSandbox();
  return {
    editProgram: (file, from, to) => {
      const text = readFileSync(join(copy, file), "utf8");
      if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
      writeFileSync(join(copy, file), text.replaceAll(from, to));
    },
    writeStackFile: (stack, text) => writeFileSync(join(copy, `Pulumi.${stack}.yaml`), text),
    run: (...words) => {
      const entry = join(checkout, "sandbox", "main.ts");
      const args = ["--import", "tsx", entry, ...words];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        cwd: checkout,
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
      });
      return { exitCode: status ?? 1, stdout, stderr };
    },
    reset: async () => {
      await stopAll();
      for (const name of ["clouds", "clusters", "machines", "project", "state"]) {
        rmSync(join(directory, name), { recursive: true, force: true });
      }
    },
    remove: async () => {
      await stopAll();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
