import { parseArgs } from "node:util";
import { regionNames } from "../regions";
import { destroy } from "./commands/destroy";
import { preview } from "./commands/preview";
import { refresh } from "./commands/refresh";
import { status } from "./commands/status";
import { stop } from "./commands/stop";
import { up } from "./commands/up";
import { sandboxPath } from "./directory";
import { enterSandbox } from "./engine/environment";
import { runAttached } from "./engine/run";

const help = `The whole platform on this machine: no account, no containers, traffic on loopback only.

Usage: npm run sandbox -- [command] [region …]

  up        bring the regions up, or on from where they were (the default)
  preview   show what \`up\` would change
  refresh   compare the state with what is really there
  status    show what runs
  stop      end every process; \`up\` starts them again with their data
  destroy   take the regions down; protected things are named until \`--unprotect\` lifts their protection
  pulumi …  any Pulumi command in this environment, for example: pulumi stack output -s germany
  kubectl … kubectl of the sandbox's Kubernetes version

Regions: ${regionNames.join(", ")}; none named means all of them. All state is in .sandbox/.
`;

type Command = (regions: readonly string[], options: { unprotect: boolean }) => Promise<number>;

const commands: Record<string, Command> = { up, preview, refresh, status, stop, destroy };

/** Answers the exit code: 0 when done, 1 when something failed, 2 when the call was wrong. */
async function main(words: string[]): Promise<number> {
  const [first = "up", ...rest] = words;
  if (first === "pulumi" || first === "kubectl") {
    await enterSandbox();
    const where = first === "pulumi" ? ["-C", sandboxPath("project")] : [];
    return runAttached(first, [...where, ...rest]);
  }
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      unprotect: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [name = "up", ...regions] = positionals;
  const command = commands[name];
  if (!command)
    return usage(
      `There is no command "${name}"; there are ${Object.keys(commands).join(", ")}, pulumi, kubectl.`,
    );
  const strangers = regions.filter(
    (region) => !(regionNames as readonly string[]).includes(region),
  );
  if (strangers.length > 0) {
    return usage(
      `There is no region "${strangers.join('", "')}"; there are ${regionNames.join(", ")}.`,
    );
  }
  await enterSandbox();
  return command(regions.length > 0 ? regions : regionNames, values);
}

function usage(sentence: string): number {
  process.stderr.write(`${sentence}\nSee npm run sandbox -- --help\n`);
  return 2;
}

// The engine receives the terminal's Ctrl-C too and ends cleanly; this process stays to report.
process.on("SIGINT", () => undefined);

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof TypeError && "code" in error ? 2 : 1;
  },
);
