import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sandboxPath } from "../directory";
import { writeAtomically } from "./atomicFile";
import { withLock } from "./lock";

/** An object of a simulated cloud, kept as one JSON file. */
export interface StoredObject {
  id: string;
}

/** One object of an inventory, with the kind that it is stored under, for example `server`. */
export interface InventoryEntry {
  kind: string;
  object: StoredObject & Record<string, unknown>;
}

/**
 * What may be read and changed while no other process does. Changes become visible all at once, or never.
 * `Kinds` says which objects a cloud has, by kind.
 */
export interface Transaction<Kinds> {
  /** Every object of a kind, by ascending numeric id (or by id, where ids are no numbers). */
  all<Kind extends keyof Kinds & string>(kind: Kind): Kinds[Kind][];
  get<Kind extends keyof Kinds & string>(kind: Kind, id: string): Kinds[Kind] | undefined;
  put<Kind extends keyof Kinds & string>(kind: Kind, object: Kinds[Kind] & StoredObject): void;
  remove(kind: keyof Kinds & string, id: string): void;
  /** A number that this cloud never gave before, greater than every one it gave. */
  nextId(): string;
}

/** Where ids start: the real clouds' ids have eight digits too. */
const firstId = 10_000_001;

type Change = { kind: string; id: string; object: StoredObject | null };

/**
 * Reads and changes a cloud's inventory. Several provider processes may do so at the same time: each waits for its
 * turn. When `work` throws nothing is changed. A process that is killed half-way leaves either everything or nothing:
 * changes are first written down as one journal, and whoever comes next carries out what the journal still holds.
 */
export function transact<Kinds, T>(cloud: string, work: (store: Transaction<Kinds>) => T): T {
  const root = sandboxPath("clouds", cloud);
  return withLock(join(root, ".lock"), () => {
    finishJournal(root);
    const changes = new Map<string, Change>();
    const result = work(transaction<Kinds>(root, changes));
    if (changes.size > 0) {
      writeAtomically(journal(root), JSON.stringify([...changes.values()]));
      finishJournal(root);
    }
    return result;
  });
}

/** Everything that exists in a cloud, by kind and id. */
export function inventory(cloud: string): InventoryEntry[] {
  return transact(cloud, (store: Transaction<Record<string, InventoryEntry["object"]>>) =>
    kinds(sandboxPath("clouds", cloud)).flatMap((kind) =>
      store.all(kind).map((object) => ({ kind, object })),
    ),
  );
}

function transaction<Kinds>(root: string, changes: Map<string, Change>): Transaction<Kinds> {
  const change = (kind: string, id: string, object: StoredObject | null) =>
    void changes.set(`${kind}/${id}`, { kind, id, object });
  const get = <Kind extends keyof Kinds & string>(kind: Kind, id: string) => {
    const changed = changes.get(`${kind}/${id}`);
    const object = changed ? changed.object : readJson(objectFile(root, kind, id));
    return (object ?? undefined) as Kinds[Kind] | undefined;
  };
  return {
    get,
    all: (kind) => {
      const ids = new Set(idsOnDisk(root, kind));
      for (const changed of changes.values()) if (changed.kind === kind) ids.add(changed.id);
      return [...ids]
        .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
        .map((id) => get(kind, id))
        .filter((object) => object !== undefined);
    },
    put: (kind, object) => change(kind, object.id, object),
    remove: (kind, id) => change(kind, id, null),
    nextId: () => {
      const file = join(root, ".next-id");
      const id = (readJson(file) as number | undefined) ?? firstId;
      writeAtomically(file, String(id + 1));
      return String(id);
    },
  };
}

function finishJournal(root: string): void {
  const changes = readJson(journal(root)) as Change[] | undefined;
  if (!changes) return;
  for (const { kind, id, object } of changes) {
    if (object) {
      mkdirSync(join(root, kind), { recursive: true });
      writeAtomically(objectFile(root, kind, id), `${JSON.stringify(object, null, 2)}\n`);
    } else {
      rmSync(objectFile(root, kind, id), { force: true });
    }
  }
  rmSync(journal(root));
}

const journal = (root: string) => join(root, ".journal");

const objectFile = (root: string, kind: string, id: string) => {
  if (!/^[\w-]+$/.test(id)) throw new Error(`"${id}" is not the id of a ${kind}`);
  return join(root, kind, `${id}.json`);
};

const kinds = (root: string) => readNames(root).filter((name) => !name.startsWith("."));

const idsOnDisk = (root: string, kind: string) =>
  readNames(join(root, kind))
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length));

function readNames(directory: string): string[] {
  return absentAsUndefined(() => readdirSync(directory)) ?? [];
}

function readJson(file: string): unknown {
  return absentAsUndefined(() => JSON.parse(readFileSync(file, "utf8")));
}

function absentAsUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
