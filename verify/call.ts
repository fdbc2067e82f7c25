import { parseArgs } from "node:util";
import { regionNames, type RegionName } from "../regions";

export const help = `Looks whether the regions are one network: links of the mesh, source labels, ranges, certificates.

Usage: npm run verify -- [options]

  --kubeconfig region=path   where to reach a region; once for each region that is looked at
                             (default: every region by .sandbox/<region>/kubeconfig)
  --timeout seconds          how long a link may take before it counts as a hole (1 to 600, default 30)
  --json                     print what was seen as JSON
  --help                     print this

Regions: ${regionNames.join(", ")}. In each it makes the namespace meridian-verify and takes it away again.
Exit code: 0 all well, 1 a hole was found, 2 the call was wrong, 130 interrupted.
`;

/** What the user asked for. */
export interface Call {
  /** Path of the kubeconfig of each region that is looked at. */
  kubeconfigs: ReadonlyMap<RegionName, string>;
  /** Seconds that one step of a link may take. */
  timeout: number;
  json: boolean;
  help: boolean;
}

/** The call was wrong; its message says how. */
export class WrongCall extends Error {}

const longestTimeout = 600;

/**
 * Reads the words behind the command.
 *
 * @throws WrongCall with one sentence
 */
export function readCall(words: readonly string[]): Call {
  const { kubeconfig, timeout, json, help: asksHelp } = parse(words);
  const seconds = Number(timeout);
  if (!(seconds >= 1 && seconds <= longestTimeout)) {
    throw new WrongCall(
      `--timeout ${timeout} is not a number of seconds from 1 to ${longestTimeout}.`,
    );
  }
  return { kubeconfigs: readKubeconfigs(kubeconfig), timeout: seconds, json, help: asksHelp };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        kubeconfig: { type: "string", multiple: true, default: [] },
        timeout: { type: "string", default: "30" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new WrongCall(error instanceof Error ? error.message : String(error));
  }
}

function readKubeconfigs(given: readonly string[]): Call["kubeconfigs"] {
  if (given.length === 0) {
    return new Map(regionNames.map((name) => [name, `.sandbox/${name}/kubeconfig`]));
  }
  const read = new Map<RegionName, string>();
  for (const word of given) {
    const [, name = "", path = ""] = /^([^=]*)=(.+)$/.exec(word) ?? [];
    const region = regionNames.find((known) => known === name);
    if (region === undefined) {
      throw new WrongCall(
        `--kubeconfig ${word} is not of the form region=path with a region of ${regionNames.join(", ")}.`,
      );
    }
    if (read.has(region)) throw new WrongCall(`--kubeconfig names ${region} twice.`);
    read.set(region, path);
  }
  if (read.size < 2) {
    throw new WrongCall("A mesh has two regions at least: give --kubeconfig once for each.");
  }
  return read;
}
