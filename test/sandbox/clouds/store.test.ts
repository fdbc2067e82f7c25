import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { inventory, transact, type Transaction } from "../../../sandbox/clouds/store";
import { sandboxPath } from "../../../sandbox/directory";
import { useTemporarySandbox } from "./engine";

interface Kinds {
  counter: { id: string; count: number };
  mark: { id: string };
}

const change = <T>(work: (store: Transaction<Kinds>) => T) => transact("test", work);
const directory = () => sandboxPath("clouds", "test");

const startWorker = (rounds: number): ChildProcess =>
  spawn(
    process.execPath,
    ["--import", "tsx", require.resolve("./countingWorker.ts"), String(rounds)],
    {
      stdio: "inherit",
    },
  );

useTemporarySandbox();

describe("a transaction", () => {
  test("sees its own changes before anybody else can", () => {
    change((store) => {
      store.put("mark", { id: "7" });
      expect(store.all("mark")).toEqual([{ id: "7" }]);
      expect(existsSync(join(directory(), "mark", "7.json"))).toBe(false);
    });
    expect(existsSync(join(directory(), "mark", "7.json"))).toBe(true);
  });

  test("changes nothing when it throws", () => {
    expect(() =>
      change((store) => {
        store.put("mark", { id: "7" });
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(inventory("test")).toEqual([]);
  });

  test("lists by ascending number and gives ids that ascend, never one twice", () => {
    const ids = change((store) => [store.nextId(), store.nextId()]);
    change((store) => {
      store.put("mark", { id: "10" });
      store.put("mark", { id: "9" });
      expect(store.all("mark").map(({ id }) => id)).toEqual(["9", "10"]);
      expect(Number(store.nextId())).toBeGreaterThan(Number(ids[1]));
    });
    expect(Number(ids[1])).toBeGreaterThan(Number(ids[0]));
  });

  test("refuses an id that would leave its directory", () => {
    expect(() => change((store) => store.get("mark", "../secret"))).toThrow(
      `"../secret" is not the id of a mark`,
    );
  });
});

describe("after a crash", () => {
  test("a journal that was written is carried out by whoever comes next", () => {
    change((store) => store.put("mark", { id: "1" }));
    const journal = [
      { kind: "mark", id: "1", object: null },
      { kind: "mark", id: "2", object: { id: "2" } },
    ];
    writeFileSync(join(directory(), ".journal"), JSON.stringify(journal));
    expect(inventory("test")).toEqual([{ kind: "mark", object: { id: "2" } }]);
    expect(existsSync(join(directory(), ".journal"))).toBe(false);
  });

  test("the turn of a process that is gone blocks nobody, also when its id was given again", () => {
    for (const holder of ["999999999 1", `${process.pid} 1`]) {
      mkdirSync(join(directory(), ".lock"), { recursive: true });
      writeFileSync(join(directory(), ".lock", "40"), holder);
      expect(change(() => "served")).toBe("served");
    }
  });

  test("a process killed at any moment leaves a counter and marks that agree", async () => {
    for (const delay of [0, 3, 11]) {
      const worker = startWorker(1_000_000);
      while (inventory("test").length < 3) await sleep(10);
      await sleep(delay);
      const exited = once(worker, "exit");
      worker.kill("SIGKILL");
      await exited;
      change((store) => {
        expect(store.all("mark")).toHaveLength(store.get("counter", "1")!.count);
        for (const { id } of store.all("mark")) store.remove("mark", id);
        store.remove("counter", "1");
      });
    }
  });
});

test("processes that change one object at the same time lose nothing", async () => {
  const exits = [startWorker(60), startWorker(60)].map((worker) => once(worker, "exit"));
  expect(await Promise.all(exits)).toEqual([
    [0, null],
    [0, null],
  ]);
  change((store) => {
    expect(store.get("counter", "1")?.count).toBe(120);
    expect(store.all("mark")).toHaveLength(120);
  });
  expect(readdirSync(join(directory(), ".lock")).length).toBeLessThan(20);
});
