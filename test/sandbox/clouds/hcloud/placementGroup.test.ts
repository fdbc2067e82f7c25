import { expect, test } from "vitest";
import { useTemporarySandbox } from "../engine";
import { good, groups, numberOf, servers } from "./project";

useTemporarySandbox();

const spread = { name: "spread", type: "spread" };

test("only spread groups exist", async () => {
  await expect(groups.check({ name: "pack", type: "pack" })).rejects.toThrow("type: Invalid input");
});

test("a project has fifty groups, each with a name of its own", async () => {
  for (let n = 1; n <= 50; n++) await groups.create({ ...spread, name: `spread-${n}` });
  await expect(groups.create({ ...spread, name: "spread-7" })).rejects.toThrow(
    `name is already used: placement_group "spread-7" (uniqueness_error)`,
  );
  await expect(groups.create(spread)).rejects.toThrow("(resource_limit_exceeded)");
});

test("a group with servers cannot be deleted, an empty one can", async () => {
  const group = await groups.create(spread);
  const server = await servers.create({ ...good, placementGroupId: numberOf(group) });
  await expect(groups.delete(group)).rejects.toThrow(
    `placement_group "spread" is still in use by server "node-1" (resource_in_use)`,
  );
  await servers.update(server, good);
  await groups.delete(group);
  expect(await groups.refresh(group)).toBeUndefined();
});

test("name and labels change in place, and a refresh finds nothing new", async () => {
  const group = await groups.create(spread);
  const news = { ...spread, name: "wide", labels: { pool: "media" } };
  expect(await groups.plan(group, news)).toEqual({ name: false, labels: false });
  const updated = await groups.update(group, news);
  expect(await groups.refresh(updated)).toEqual(updated);
});
