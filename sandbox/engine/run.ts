import { spawn } from "node:child_process";
import { sandboxPath } from "../directory";

/** A program ended with another exit code than 0. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(command: string, exitCode: number, output: string) {
    super(`${command} ended with exit code ${exitCode}${output ? `:\n${output.trim()}` : ""}`);
    this.exitCode = exitCode;
  }
}

/** Runs a program with the user's own terminal; answers its exit code. */
export function runAttached(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "inherit" });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/**
 * Runs a program to its end and answers what it wrote to standard output.
 *
 * @param input what the program reads from its standard input
 * @param onLine called with each line of standard output and standard error as it comes
 * @throws {@link CommandError} when the exit code is not 0, with everything the program wrote
 */
export function capture(
  program: string,
  args: readonly string[],
  input = "",
  onLine?: (line: string) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "pipe" });
    const output: string[] = [];
    const everything: string[] = [];
    const collect = (target: string[] | undefined) => {
      let rest = "";
      return (data: Buffer) => {
        const text = data.toString();
        target?.push(text);
        everything.push(text);
        if (!onLine) return;
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) onLine(line);
      };
    };
    child.stdout.on("data", collect(output));
    child.stderr.on("data", collect(undefined));
    child.stdin.end(input);
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(output.join(""));
      else reject(new CommandError(`${program} ${args.join(" ")}`, code ?? 1, everything.join("")));
    });
  });
}

/** Runs a Pulumi command in the sandbox's project, see {@link capture}. */
export const pulumi = (
  args: readonly string[],
  input?: string,
  onLine?: (line: string) => void,
): Promise<string> => capture("pulumi", ["-C", sandboxPath("project"), ...args], input, onLine);
