import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sandboxPath } from "../../../sandbox/directory";
import { type Call, type Fault, withFaults } from "../../../sandbox/provider/faults";
import { useTemporarySandbox } from "../clouds/engine";

useTemporarySandbox();

const call: Call = { provider: "hcloud", type: "Server", action: "create" };
const plan = (...faults: Fault[]) =>
  writeFileSync(sandboxPath("faults.json"), JSON.stringify(faults));

/** Makes a call and answers what came of it, with the number of times that its work was done. */
async function outcome(made: Call = call): Promise<string> {
  let done = 0;
  const answer = await withFaults(made, () => {
    done++;
    return "made";
  }).catch((error: unknown) => (error as Error).message);
  return `${answer}, work done ${done}`;
}

const runWorker = () =>
  spawnSync(process.execPath, ["--import", "tsx", require.resolve("./faultyWorker.ts")], {
    encoding: "utf8",
  });

test("without a file nothing fails and nothing is counted", async () => {
  expect(await outcome()).toBe("made, work done 1");
  expect(readdirSync(sandboxPath())).toEqual([]);
});

describe("a planned fault", () => {
  test.each([
    ["500", "server responded with status code 500, work done 0"],
    ["503", "server responded with status code 503, work done 0"],
    ["resource_unavailable", "error during placement (resource_unavailable), work done 0"],
  ] as const)("%s fails the call before its work", async (fault, expected) => {
    plan({ ...call, fault });
    expect(await outcome()).toBe(expected);
    expect(await outcome()).toBe("made, work done 1");
  });

  test("strikes after so many calls, and so many times", async () => {
    plan({ ...call, after: 2, times: 2, fault: "500" });
    const outcomes = [];
    for (let n = 0; n < 6; n++) outcomes.push((await outcome()).startsWith("made"));
    expect(outcomes).toEqual([true, true, false, false, true, true]);
  });

  test.each([
    ["another provider", { ...call, provider: "cloudflare" }],
    ["another type", { ...call, type: "PrimaryIp" }],
    ["another action", { ...call, action: "delete" }],
  ] as const)("leaves %s alone", async (_what, other) => {
    plan({ ...call, fault: "500" });
    expect(await outcome(other)).toBe("made, work done 1");
    expect(await outcome()).toContain("status code 500");
  });

  test("429 is tried again five times, and then told", async () => {
    plan({ ...call, times: 5, fault: "429" });
    expect(await outcome()).toBe("made, work done 1");
    plan({ ...call, times: 6, fault: "429" }, { ...call, after: 6, fault: "500" });
    expect(await outcome()).toBe("limit of requests exceeded (rate_limit_exceeded), work done 0");
    expect(await outcome()).toContain("status code 500");
  });

  test("counts anew when the file is written again", async () => {
    plan({ ...call, fault: "500" });
    expect(await outcome()).toContain("status code 500");
    rmSync(sandboxPath("faults.json"));
    plan({ ...call, fault: "500" });
    utimesSync(sandboxPath("faults.json"), 1, 1);
    expect(await outcome()).toContain("status code 500");
  });
});

test.each([
  ["crash-before-commit", false],
  ["crash-after-commit", true],
] as const)("%s ends the process without an answer, work done: %s", async (fault, committed) => {
  plan({ ...call, fault });
  expect(runWorker()).toMatchObject({ status: 1, stdout: "" });
  expect(existsSync(sandboxPath("committed"))).toBe(committed);
  // The count is on disk, so another process goes on where that one ended.
  expect(await outcome()).toBe("made, work done 1");
});

test("a file that is not a list of faults is named", async () => {
  writeFileSync(sandboxPath("faults.json"), JSON.stringify([{ ...call, fault: "418" }]));
  expect(await outcome()).toContain("faults.json is not a list of faults");
});
