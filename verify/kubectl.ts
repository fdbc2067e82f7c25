import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** What kubectl refused or could not do, in kubectl's last sentence. */
export class KubectlError extends Error {}

/** Milliseconds until an ended watch begins anew. */
const watchPause = 500;

/** Finds kubectl: on PATH, else the sandbox's. @throws when there is none */
export function findKubectl(): string {
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), join(".sandbox", "bin")];
  const found = directories
    .map((directory) => join(directory, "kubectl"))
    .find((path) => existsSync(path) && spawnSync(path, ["version", "--client"]).status === 0);
  if (found === undefined) throw new Error("There is no kubectl on PATH and none in .sandbox/bin.");
  return found;
}

/** One cluster, as kubectl reaches it. */
export class Kubectl {
  private readonly program: string;
  private readonly kubeconfig: string;

  constructor(program: string, kubeconfig: string) {
    this.program = program;
    this.kubeconfig = kubeconfig;
  }

  /**
   * Runs kubectl to its end and answers what it printed. The call is ended after ten seconds without an answer.
   *
   * @param input what kubectl reads from its standard input
   * @throws KubectlError
   */
  run(words: readonly string[], input = ""): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = this.start(["--request-timeout=10s", ...words]);
      const output: string[] = [];
      const errors: string[] = [];
      child.stdout?.on("data", (data: Buffer) => output.push(data.toString()));
      child.stderr?.on("data", (data: Buffer) => errors.push(data.toString()));
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(input);
      child.once("error", reject);
      child.once("close", (code) => {
        if (code === 0) resolve(output.join(""));
        else reject(new KubectlError(lastSentence(errors.join(""))));
      });
    });
  }

  /**
   * Hands over each line that a watching kubectl prints, until the signal. A watch that ends is begun anew: `onStart`
   * is called each time, for everything is told again.
   */
  async watch(
    words: readonly string[],
    { onStart, onLine }: { onStart: () => void; onLine: (line: string) => void },
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      onStart();
      const child = this.start([...words, "--watch"]);
      const end = () => child.kill();
      signal.addEventListener("abort", end);
      if (child.stdout) createInterface(child.stdout).on("line", onLine);
      await new Promise((resolve) => {
        child.once("error", resolve);
        child.once("close", resolve);
      });
      signal.removeEventListener("abort", end);
      await sleep(watchPause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** In a process group of its own: a Ctrl-C must not end the calls that clean up. */
  private start(words: readonly string[]): ChildProcess {
    return spawn(this.program, ["--kubeconfig", this.kubeconfig, ...words], {
      stdio: "pipe",
      detached: true,
    });
  }
}

/** The sentence at the end of what kubectl wrote; before it come lines of its own log. */
export function lastSentence(errors: string): string {
  const lines = errors.split("\n").filter((line) => line.trim() !== "");
  return (lines.at(-1) ?? "kubectl said nothing").replace(/^(error|Error): /, "").trim();
}
