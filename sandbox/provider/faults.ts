import { existsSync, readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { writeAtomically } from "../clouds/atomicFile";
import { withLock } from "../clouds/lock";
import { sandboxPath } from "../directory";

/** What a call can be made to do: an answer of the API, or the end of the provider before or after its work. */
const kinds = [
  "429",
  "500",
  "503",
  "resource_unavailable",
  "crash-before-commit",
  "crash-after-commit",
] as const;

const schema = z.array(
  z.strictObject({
    /** Package name, for example `hcloud`. */
    provider: z.string(),
    /** Last part of the type token, for example `Server`. */
    type: z.string(),
    action: z.enum(["create", "read", "update", "delete"]),
    /** How many such calls pass first. */
    after: z.int().min(0).default(0),
    /** How many calls fail then. */
    times: z.int().min(1).default(1),
    fault: z.enum(kinds),
  }),
);

/** One entry of `.sandbox/faults.json`. */
export type Fault = z.input<typeof schema>[number];

/** A call to a resource's type. */
export type Call = Pick<Fault, "provider" | "type" | "action">;

type FaultKind = (typeof kinds)[number];

/** The real clients try again after a 429 this often (goals.md 5.5), and do not after a 500 or 503. */
const retries = 5;

/** The first pause, doubled each time. The real one is a second; here nothing gets better by waiting. */
const firstPauseMs = 10;

const answers: Partial<Record<FaultKind, string>> = {
  "429": "limit of requests exceeded (rate_limit_exceeded)",
  "500": "server responded with status code 500",
  "503": "server responded with status code 503",
  resource_unavailable: "error during placement (resource_unavailable)",
};

/**
 * Does a provider's work, or what `.sandbox/faults.json` wants instead. Calls are counted over all processes, from the
 * moment that the file was last written; without the file nothing is counted.
 *
 * @throws the simulated API's answer, or a sentence when the file is not a list of faults
 */
export async function withFaults<T>(call: Call, work: () => T | Promise<T>): Promise<T> {
  if (!existsSync(sandboxPath("faults.json"))) return work();
  let fault = nextFault(call);
  for (let retry = 0; fault === "429" && retry < retries; retry++) {
    await sleep(firstPauseMs * 2 ** retry);
    fault = nextFault(call);
  }
  if (fault === "crash-before-commit") process.exit(1);
  const answer = fault && answers[fault];
  if (answer) throw new Error(answer);
  const result = await work();
  if (fault === "crash-after-commit") process.exit(1);
  return result;
}

/** Counts the call for every entry that it matches, and answers the first that is due. */
function nextFault(call: Call): FaultKind | undefined {
  const file = sandboxPath("faults.json");
  const directory = sandboxPath("faults");
  return withLock(directory, () => {
    const faults = readFaults(file);
    const { mtimeMs, ino } = statSync(file);
    const version = `${mtimeMs}-${ino}`;
    const before = readCounts(`${directory}/counts.json`);
    const counts = before.version === version ? before.counts : {};
    let due: FaultKind | undefined;
    for (const [index, { provider, type, action, after, times, fault }] of faults.entries()) {
      if (provider !== call.provider || type !== call.type || action !== call.action) continue;
      const count = (counts[index] ?? 0) + 1;
      counts[index] = count;
      if (count > after && count <= after + times) due ??= fault;
    }
    writeAtomically(`${directory}/counts.json`, JSON.stringify({ version, counts }));
    return due;
  });
}

function readFaults(file: string): z.output<typeof schema> {
  const parsed = schema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new Error(`faults.json is not a list of faults: ${z.prettifyError(parsed.error)}`);
}

interface Counts {
  /** Which writing of faults.json was counted for. */
  version: string;
  /** Calls so far, by the position of the entry. */
  counts: Record<number, number>;
}

function readCounts(file: string): Counts {
  if (!existsSync(file)) return { version: "", counts: {} };
  return JSON.parse(readFileSync(file, "utf8")) as Counts;
}
