import { transact, type Transaction } from "../../../sandbox/clouds/store";

/** Run by store.test.ts as a process of its own: counts up one object, and adds an object for each count. */
const rounds = Number(process.argv[2]);
interface Kinds {
  counter: { id: string; count: number };
  mark: { id: string };
}
for (let round = 0; round < rounds; round++) {
  transact("test", (store: Transaction<Kinds>) => {
    const count = store.get("counter", "1")?.count ?? 0;
    store.put("counter", { id: "1", count: count + 1 });
    store.put("mark", { id: store.nextId() });
  });
}
