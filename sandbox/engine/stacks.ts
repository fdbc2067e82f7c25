import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sandboxPath } from "../directory";
import { CommandError, pulumi } from "./run";

/** How a Pulumi command over several stacks went, by stack: true when it succeeded. */
export type Outcome = Record<string, boolean>;

/**
 * Runs one Pulumi command for each stack, side by side. What the engine says goes to standard error as it comes, each
 * line behind the stack's name, and to `.sandbox/<stack>/<command>.log`.
 */
export async function eachStack(
  stacks: readonly string[],
  command: string,
  args: readonly string[],
): Promise<Outcome> {
  const width = Math.max(...stacks.map((stack) => stack.length));
  const outcomes = await Promise.all(
    stacks.map(async (stack) => {
      const log: string[] = [];
      const onLine = (line: string) => {
        log.push(line);
        if (line.trim()) process.stderr.write(`${stack.padEnd(width)} │ ${line}\n`);
      };
      const succeeded = await succeeds(
        [command, "--stack", stack, "--non-interactive", "--color", "never", ...args],
        onLine,
      );
      mkdirSync(sandboxPath(stack), { recursive: true });
      writeFileSync(join(sandboxPath(stack), `${command}.log`), `${log.join("\n")}\n`);
      return [stack, succeeded] as const;
    }),
  );
  return Object.fromEntries(outcomes);
}

async function succeeds(args: readonly string[], onLine: (line: string) => void): Promise<boolean> {
  try {
    await pulumi(args, "", onLine);
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** Every output of a stack with its secrets in clear; empty when the stack was never brought up. */
export async function stackOutputs(stack: string): Promise<Record<string, unknown>> {
  const text = await pulumi(["stack", "output", "--json", "--show-secrets", "--stack", stack]);
  return JSON.parse(text) as Record<string, unknown>;
}

/** 0 when every stack succeeded, else 1. */
export const exitCode = (outcome: Outcome) => (Object.values(outcome).every(Boolean) ? 0 : 1);
