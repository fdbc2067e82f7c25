import { describe, expect, test } from "vitest";
import { dnsRecord, recordsOfZone } from "../../../../sandbox/clouds/cloudflare/dnsRecord";
import { unknown } from "../../../../sandbox/provider/resourceType";
import { engineOf, useTemporarySandbox } from "../engine";

useTemporarySandbox();

const records = engineOf(dnsRecord);
const zoneId = "0123456789abcdef0123456789abcdef";
const otherZone = "f".repeat(32);
const name = "api.germany.live.example.com";
const good = { zoneId, name, type: "A", content: "127.101.0.1", ttl: 60 };

test("a record has an id of 32 hex digits, and outputs that only Cloudflare knows", async () => {
  const record = await records.create(good);
  expect(record.id).toMatch(/^[0-9a-f]{32}$/);
  expect(record.outputs).toMatchObject({ ...good, proxied: false, proxiable: true, meta: "{}" });
  expect(record.outputs["createdOn"]).toBe(record.outputs["modifiedOn"]);
});

describe("the check", () => {
  const illegal: [string, Record<string, unknown>, string][] = [
    ["no zone", { zoneId: undefined }, `zoneId: "zoneId" is required`],
    ["a zone's name for its id", { zoneId: "example.com" }, "a zone id has 32 hexadecimal digits"],
    ["no ttl", { ttl: undefined }, `ttl: "ttl" is required`],
    ["no content", { content: undefined }, `content: "content" is required`],
    ["a ttl of 59", { ttl: 59 }, "ttl must be 1 (automatic), or from 60 to 86400 seconds"],
    ["a ttl of 86401", { ttl: 86_401 }, "ttl must be 1 (automatic)"],
    ["an unknown type", { type: "APL" }, "type: Invalid option"],
    ["a name for an address", { content: "example.com" }, `"example.com" is not an IPv4 address`],
    ["IPv4 in AAAA", { type: "AAAA" }, `"127.101.0.1" is not an IPv6 address`],
    ["spaces in CNAME", { type: "CNAME", content: "a b.c" }, `"a b.c" is not a domain name`],
    ["a short name", { name: "api" }, "the name of a record must be a full domain name"],
    [
      "a proxied text",
      { type: "TXT", proxied: true, ttl: 1 },
      "a record of type TXT cannot be proxied",
    ],
    ["a ttl when proxied", { proxied: true }, "ttl must be 1 (automatic) for a proxied record"],
    ["a comment of 101 characters", { comment: "x".repeat(101) }, "comment: Too big"],
  ];
  test.each(illegal)("refuses %s", async (_what, change, reason) => {
    await expect(records.check({ ...good, ...change })).rejects.toThrow(reason);
  });

  test.each([1, 60, 86_400])("takes a ttl of %i", async (ttl) => {
    expect(await records.check({ ...good, ttl })).toMatchObject({ ttl });
  });

  test("lets an address pass that is not known yet", async () => {
    expect(await records.check({ ...good, content: unknown })).toMatchObject({ content: unknown });
  });
});

describe("beside a record of the same name", () => {
  const cname = { ...good, type: "CNAME", content: "live.trafficmanager.net" };

  test("another address may stand, the same one not", async () => {
    await records.create(good);
    await records.create({ ...good, content: "127.101.0.2" });
    await expect(records.create({ ...good, name: name.toUpperCase() })).rejects.toThrow(
      `An identical record already exists (81058): A ${name} 127.101.0.1`,
    );
  });

  test("no CNAME may stand, nor may anything beside a CNAME", async () => {
    const first = await records.create(good);
    await expect(records.create(cname)).rejects.toThrow(
      `An A, AAAA, or CNAME record with that host already exists (81053): ${name} has A 127.101.0.1`,
    );
    await records.delete(first);
    const alias = await records.create(cname);
    await expect(records.create(good)).rejects.toThrow("(81053)");
    await records.create({ ...good, type: "TXT", content: "hello" });
    await records.update(alias, { ...cname, content: "other.trafficmanager.net" });
  });

  test("everything may stand in another zone", async () => {
    await records.create(good);
    await records.create({ ...cname, zoneId: otherZone });
    expect(recordsOfZone(otherZone)).toHaveLength(1);
  });
});

test("another zone replaces a record; content, ttl and comment change in place", async () => {
  const record = await records.create(good);
  expect(await records.plan(record, good)).toEqual({});
  expect(await records.plan(record, { ...good, zoneId: otherZone })).toEqual({ zoneId: true });
  const news = { ...good, content: "127.101.0.9", ttl: 120, comment: "moved" };
  expect(await records.plan(record, news)).toEqual({ content: false, ttl: false, comment: false });
  const updated = await records.update(record, news);
  expect(updated.outputs["createdOn"]).toBe(record.outputs["createdOn"]);
  expect(await records.refresh(updated)).toEqual(updated);
});

test("a record that is gone is told so, and an import takes the zone and the id", async () => {
  const record = await records.create(good);
  expect(await records.import(`${zoneId}/${record.id}`)).toMatchObject({
    id: record.id,
    inputs: good,
  });
  expect(await records.import(`${otherZone}/${record.id}`)).toBeUndefined();
  await records.delete(record);
  await records.delete(record);
  expect(await records.refresh(record)).toBeUndefined();
});

test("the records of a zone are listed by name, without those of others", async () => {
  await records.create({ ...good, name: "b.example.com" });
  await records.create({ ...good, name: "a.example.com" });
  await records.create({ ...good, zoneId: otherZone });
  expect(recordsOfZone(zoneId).map((record) => record.name)).toEqual([
    "a.example.com",
    "b.example.com",
  ]);
});
