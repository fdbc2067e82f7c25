import { pulumi } from "../../sandbox/engine/run";

interface Step {
  op: string;
  urn: string;
}

/**
 * What the next `up` of a stack would do, each as `<operation> <type> <name>`, for example
 * `create hcloud:index/server:Server germany-media-3`. Empty when it would change nothing.
 */
export async function plan(stack: string): Promise<string[]> {
  const text = await pulumi(["preview", "--json", "--non-interactive", "--stack", stack]);
  const { steps } = JSON.parse(text) as { steps: Step[] };
  return steps
    .filter(({ op }) => op !== "same" && op !== "read")
    .map(({ op, urn }) => `${op} ${urn.split("::")[2]?.split("$").at(-1)} ${urn.split("::")[3]}`)
    .toSorted();
}

/** Changes one setting of a stack in the sandbox's copy of its stack file, for example `meridian:pools.media.count`. */
export const configure = (stack: string, path: string, value: string): Promise<string> =>
  pulumi(["config", "set", "--stack", stack, "--path", path, value]);
