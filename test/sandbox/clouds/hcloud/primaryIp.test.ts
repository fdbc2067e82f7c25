import { describe, expect, test } from "vitest";
import { hcloudInventory, inProject } from "../../../../sandbox/clouds/hcloud/project";
import { useTemporarySandbox } from "../engine";
import { addresses, servers, withAddress } from "./project";

useTemporarySandbox();

const make = (name: string, location = "fsn1", type = "ipv4") =>
  addresses.create({ name, type, location });

describe("an address", () => {
  test.each([
    ["fsn1", "127.101.0.1"],
    ["hil", "127.102.0.1"],
    ["sin", "127.103.0.1"],
    ["nbg1", "127.104.0.1"],
    ["hel1", "127.105.0.1"],
    ["ash", "127.106.0.1"],
  ])("of %s begins with %s", async (location, expected) => {
    expect((await make("first", location)).outputs["ipAddress"]).toBe(expected);
  });

  test("is the lowest free one, and never somebody else's", async () => {
    const [first, second] = [await make("first"), await make("second")];
    expect(second.outputs["ipAddress"]).toBe("127.101.0.2");
    await addresses.delete(first);
    expect((await make("third")).outputs["ipAddress"]).toBe("127.101.0.1");
    expect((await make("fourth")).outputs["ipAddress"]).toBe("127.101.0.3");
  });

  test("after the 254th goes on in the next range", async () => {
    const first = await make("first");
    inProject((project) => {
      const object = project.get("primary_ip", first.id)!;
      for (let n = 2; n <= 254; n++) {
        project.put("primary_ip", {
          ...object,
          id: String(n),
          name: `ip-${n}`,
          ipAddress: `127.101.0.${n}`,
        });
      }
    });
    expect((await make("next")).outputs["ipAddress"]).toBe("127.101.1.1");
  });

  test("of IPv6 is a network of its own", async () => {
    expect((await make("six", "sin", "ipv6")).outputs).toMatchObject({
      ipAddress: "2001:db8:103:1::",
      ipNetwork: "2001:db8:103:1::/64",
    });
  });
});

test.each([
  ["no type", { name: "x" }, `type: "type" is required`],
  ["an unknown type", { name: "x", type: "ipv5" }, "type: Invalid option"],
  [
    "protection of what goes with its server",
    { name: "x", type: "ipv4", autoDelete: true, deleteProtection: true },
    "deleteProtection can only be true while autoDelete is false",
  ],
  ["an unknown location", { name: "x", type: "ipv4", location: "fra1" }, `location "fra1"`],
])("%s is refused", async (_what, inputs, reason) => {
  await expect(addresses.create(inputs)).rejects.toThrow(reason);
});

test("a name is used once among addresses, whatever servers are called", async () => {
  const address = await make("node-1");
  await servers.create(withAddress(address, "node-1"));
  await expect(make("node-1", "hil")).rejects.toThrow(
    `name is already used: primary_ip "node-1" (uniqueness_error)`,
  );
});

test("an address that a server has, or that is protected, cannot be deleted", async () => {
  const locked = { name: "node-1", type: "ipv4", location: "fsn1", deleteProtection: true };
  const address = await addresses.create(locked);
  const server = await servers.create(withAddress(address));
  await expect(addresses.delete(address)).rejects.toThrow(
    `primary_ip "node-1" is protected from deletion; set deleteProtection to false first (protected)`,
  );
  const free = await addresses.update(address, { ...locked, deleteProtection: false });
  await expect(addresses.delete(free)).rejects.toThrow(
    `primary_ip "node-1" must be unassigned before its deletion; server "node-1" has it (must_be_unassigned)`,
  );
  await servers.delete(server);
  await addresses.delete(free);
  await addresses.delete(free);
  expect(hcloudInventory()).toEqual([]);
});

test("an address with autoDelete goes with its server", async () => {
  const address = await addresses.create({
    name: "a",
    type: "ipv4",
    location: "fsn1",
    autoDelete: true,
  });
  await servers.delete(await servers.create(withAddress(address)));
  expect(await addresses.refresh(address)).toBeUndefined();
});

test("location and type replace an address; name, labels and protection do not", async () => {
  const inputs = { name: "a", type: "ipv4", location: "fsn1" };
  const address = await addresses.create(inputs);
  expect(await addresses.plan(address, inputs)).toEqual({});
  expect(await addresses.plan(address, { ...inputs, location: "hil", type: "ipv6" })).toEqual({
    location: true,
    type: true,
  });
  const changed = { ...inputs, name: "b", labels: { a: "b" }, deleteProtection: true };
  expect(Object.values(await addresses.plan(address, changed))).toEqual([false, false, false]);
});

test("a refresh finds nothing new after a creation, and an import tells every input", async () => {
  const inputs = { name: "a", type: "ipv4", location: "hil", labels: { region: "us-west" } };
  const address = await addresses.create(inputs);
  expect(await addresses.refresh(address)).toEqual(address);
  expect((await addresses.import(address.id))!.inputs).toMatchObject(inputs);
});
