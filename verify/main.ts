import { regions } from "../regions";
import { help, readCall, WrongCall, type Call } from "./call";
import { holes } from "./holes";
import { findKubectl, Kubectl } from "./kubectl";
import { measureLinks, type Participant } from "./mesh";
import type { Observation } from "./observation";
import { anyAddress, namespace } from "./probe";
import { cleanUp, lookAt } from "./regions";
import { report } from "./table";

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => interrupted.abort());

/** Answers the exit code. */
async function main(words: readonly string[]): Promise<number> {
  const call = readCall(words);
  if (call.help) {
    process.stdout.write(help);
    return 0;
  }
  const program = findKubectl();
  const participants = [...call.kubeconfigs].map(([name, path]) => ({
    name,
    kubectl: new Kubectl(program, path),
    address: anyAddress(regions[name].podCidr),
  }));
  const seen = await observe(participants, call);
  if (interrupted.signal.aborted) return 130;
  const found = holes(seen, regions);
  process.stdout.write(
    call.json
      ? `${JSON.stringify({ ok: found.length === 0, holes: found, ...seen }, undefined, 2)}\n`
      : report(seen, found),
  );
  return found.length === 0 ? 0 : 1;
}

async function observe(all: readonly Participant[], { timeout }: Call): Promise<Observation> {
  let unreachable: string[] = [];
  try {
    const entries = await Promise.all(
      all.map(async ({ name, kubectl }) => [name, await lookAt(kubectl, timeout)] as const),
    );
    const seen = Object.fromEntries(entries);
    unreachable = Object.keys(seen).filter((name) => seen[name]?.unreachable !== undefined);
    const reached = all.filter(({ name }) => !unreachable.includes(name));
    const links = await measureLinks(reached, timeout, interrupted.signal);
    return { timeout, regions: seen, links };
  } finally {
    await Promise.all(
      all.map(async ({ name, kubectl }) => {
        const trouble = await cleanUp(kubectl);
        if (trouble !== undefined && !unreachable.includes(name)) {
          process.stderr.write(`${name} still has the namespace ${namespace}: ${trouble}\n`);
        }
      }),
    );
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message}\n`);
    process.exitCode = error instanceof WrongCall ? 2 : 1;
  },
);
