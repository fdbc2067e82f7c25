import { beforeEach, describe, expect, test } from "vitest";
import { inProject, hcloudInventory } from "../../../../sandbox/clouds/hcloud/project";
import { serverType } from "../../../../sandbox/clouds/hcloud/server";
import { PartialFailure, unknown } from "../../../../sandbox/provider/resourceType";
import { engineOf, useTemporarySandbox } from "../engine";
import {
  addresses,
  firewalls,
  good,
  groups,
  numberOf,
  servers,
  switched,
  withAddress,
} from "./project";

useTemporarySandbox();
beforeEach(() => {
  switched.length = 0;
});

test("a server without a given address gets two of its own, which go with it", async () => {
  const server = await servers.create(good);
  expect(server.outputs).toMatchObject({
    ipv4Address: "127.101.0.1",
    ipv6Address: "2001:db8:101:1::1",
    status: "running",
    primaryDiskSize: 80,
    backups: false,
    deleteProtection: false,
  });
  expect(hcloudInventory().map(({ kind }) => kind)).toEqual(["primary_ip", "primary_ip", "server"]);
  await servers.delete(server);
  expect(hcloudInventory()).toEqual([]);
});

test("a given Primary IP is the server's address, and stays when the server goes", async () => {
  const address = await addresses.create({ name: "node-1", type: "ipv4", location: "fsn1" });
  const server = await servers.create(withAddress(address));
  expect(server.outputs["ipv4Address"]).toBe(address.outputs["ipAddress"]);
  expect((await addresses.refresh(address))!.outputs["assigneeId"]).toBe(numberOf(server));
  await servers.delete(server);
  expect((await addresses.refresh(address))!.outputs["assigneeId"]).toBe(0);
});

describe("a server's machine", () => {
  test("is switched on with what it needs to boot, after the record is stored, and off at its end", async () => {
    const server = await servers.create({
      ...good,
      userData: "#cloud-config",
      labels: { pool: "media" },
    });
    expect(switched).toEqual([
      [
        "on",
        expect.objectContaining({
          id: server.id,
          name: "node-1",
          location: "fsn1",
          serverType: "ccx13",
          ipv4Address: "127.101.0.1",
          userData: "#cloud-config",
          labels: { pool: "media" },
        }),
      ],
    ]);
    await servers.delete(server);
    expect(switched[1]).toEqual(["off", { id: server.id, name: "node-1" }]);
  });

  test("that does not come up leaves the server in state, and the next update tries again", async () => {
    let broken = true;
    const fragile = engineOf(
      serverType({
        powerOn: () =>
          broken ? Promise.reject(new Error("k3s.service is missing")) : Promise.resolve(),
        powerOff: () => Promise.resolve(),
      }),
    );
    const failure = await fragile.create(good).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    const { state, reasons } = failure as PartialFailure;
    expect(reasons).toEqual(["k3s.service is missing"]);
    expect(state.outputs["status"]).toBe("initializing");
    broken = false;
    const updated = await fragile.update(state, good);
    expect(updated.outputs["status"]).toBe("running");
  });
});

describe("the check before anything is made", () => {
  const refused: [string, Record<string, unknown>, string][] = [
    ["no server type", { serverType: undefined }, `serverType: "serverType" is required`],
    ["no image", { image: undefined }, `image: "image" is required`],
    [
      "a name with a space",
      { name: "node 1" },
      "name: a server's name must be a host name (RFC 1123)",
    ],
    [
      "user data that is too long",
      { userData: "ü".repeat(16_385) },
      "userData: user data has 32770 bytes; at most 32768 are accepted",
    ],
    ["an id that is text", { placementGroupId: "12" }, "placementGroupId: Invalid input: expected"],
    ["an id that is no number", { firewallIds: [Number.NaN] }, "firewallIds.0: Invalid input"],
    [
      "more than five firewalls",
      { firewallIds: [1, 2, 3, 4, 5, 6] },
      "firewallIds: a server takes at most 5 firewalls",
    ],
    [
      "an input that does not exist",
      { region: "fsn1" },
      `"region" is not an input of this resource`,
    ],
    ["a data center", { datacenter: "fsn1-dc14" }, "use location"],
    [
      "one protection without the other",
      { deleteProtection: true },
      "deleteProtection and rebuildProtection must have the same value",
    ],
    [
      "a label with a space",
      { labels: { pool: "a b" } },
      `label value "a b" (key: "pool") is not correctly formatted`,
    ],
    ["a label key that ends in a dash", { labels: { "a/b-": "" } }, `label key "a/b-"`],
  ];
  test.each(refused)("refuses %s", async (_what, change, reason) => {
    await expect(servers.check({ ...good, ...change })).rejects.toThrow(reason);
  });

  test("accepts exactly 32768 bytes of user data", async () => {
    const userData = "x".repeat(32_768);
    expect(await servers.check({ ...good, userData })).toMatchObject({ userData });
  });

  test("lets what is not known yet pass", async () => {
    const news = {
      ...good,
      placementGroupId: unknown,
      publicNets: [{ ipv4: unknown }],
      userData: unknown,
    };
    expect(await servers.check(news)).toMatchObject(news);
  });

  test("names a server that has no name, and keeps that name", async () => {
    const { name } = await servers.check({ ...good, name: undefined });
    expect(name).toMatch(/^thing-[0-9a-f]{7}$/);
    const later = await servers.check({ ...good, name: undefined }, { name: "thing-0000000" });
    expect(later["name"]).toBe("thing-0000000");
  });
});

describe("the API", () => {
  const refused: [string, Record<string, unknown>, string][] = [
    [
      "a type that does not exist",
      { serverType: "cx22" },
      `server type "cx22" not found (invalid_input)`,
    ],
    [
      "a location that does not exist",
      { location: "fra1" },
      `location "fra1" not found (invalid_input)`,
    ],
    [
      "a type that is not sold there",
      { serverType: "cax11", location: "hil" },
      `unsupported location for server type: "cax11" is not sold in hil (invalid_input)`,
    ],
    [
      "a type that is sold out there",
      { serverType: "ccx33", location: "ash" },
      `server type "ccx33" is sold out in ash (resource_unavailable)`,
    ],
    [
      "an unknown image",
      { image: "ubuntu-8.04" },
      `image "ubuntu-8.04" of server "node-1" not found`,
    ],
    [
      "a placement group that is gone",
      { placementGroupId: 5 },
      "placement_group with ID '5' not found",
    ],
    ["a firewall that is gone", { firewallIds: [6] }, "firewall with ID '6' not found (not_found)"],
    ["a key that is gone", { sshKeys: ["laptop"] }, `ssh_key "laptop" not found (not_found)`],
    ["an address that is gone", { publicNets: [{ ipv4: 7 }] }, "primary_ip with ID '7' not found"],
  ];
  test.each(refused)("refuses %s, and nothing is left", async (_what, change, reason) => {
    await expect(servers.create({ ...good, ...change })).rejects.toThrow(reason);
    expect(hcloudInventory()).toEqual([]);
    expect(switched).toEqual([]);
  });

  test("refuses a name that another server has, also as a new name", async () => {
    await servers.create(good);
    const other = await servers.create({ ...good, name: "node-2" });
    const message = `server name is already used: server "node-1" (uniqueness_error)`;
    await expect(servers.create(good)).rejects.toThrow(message);
    await expect(servers.update(other, good)).rejects.toThrow(message);
  });

  test("refuses a Primary IP of another location, of the other type, or of another server", async () => {
    const hil = await addresses.create({ name: "hil", type: "ipv4", location: "hil" });
    await expect(servers.create(withAddress(hil))).rejects.toThrow(
      `primary_ip "hil" is in hil, the server in fsn1 (primary_ip_datacenter_mismatch)`,
    );
    const six = await addresses.create({ name: "six", type: "ipv6", location: "fsn1" });
    await expect(servers.create(withAddress(six))).rejects.toThrow(
      `primary_ip "six" is ipv6, not ipv4 (primary_ip_version_mismatch)`,
    );
    const four = await addresses.create({ name: "four", type: "ipv4", location: "fsn1" });
    await servers.create(withAddress(four));
    await expect(servers.create(withAddress(four, "node-2"))).rejects.toThrow(
      `primary_ip "four" is already assigned to server "node-1" (primary_ip_assigned)`,
    );
  });

  test("puts ten servers into a spread group and refuses the eleventh", async () => {
    const group = await groups.create({ name: "spread", type: "spread" });
    const placementGroupId = numberOf(group);
    const ids: number[] = [];
    for (let n = 1; n <= 10; n++) {
      ids.push(numberOf(await servers.create({ ...good, name: `node-${n}`, placementGroupId })));
    }
    expect((await groups.refresh(group))!.outputs["servers"]).toEqual(ids);
    const message = `placement_group "spread" contains already 10 servers`;
    await expect(servers.create({ ...good, name: "node-11", placementGroupId })).rejects.toThrow(
      message,
    );
    const outside = await servers.create({ ...good, name: "node-11" });
    await expect(
      servers.update(outside, { ...good, name: "node-11", placementGroupId }),
    ).rejects.toThrow(`${message}, the most that a spread group can hold (placement_error)`);
  });

  test("refuses to delete a protected server until the protection is lifted", async () => {
    const locked = { ...good, deleteProtection: true, rebuildProtection: true };
    const server = await servers.create(locked);
    await expect(servers.delete(server)).rejects.toThrow(
      `server "node-1" is protected from deletion; set deleteProtection to false first (protected)`,
    );
    expect(switched).toHaveLength(1);
    await servers.delete(await servers.update(server, good));
    expect(hcloudInventory()).toEqual([]);
  });
});

describe("a plan", () => {
  const plans: [string, Record<string, unknown>, Record<string, boolean>][] = [
    ["nothing for the same inputs", {}, {}],
    ["a replacement for the image", { image: "debian-13" }, { image: true }],
    ["a replacement for the location", { location: "nbg1" }, { location: true }],
    ["a replacement for user data", { userData: "#cloud-config" }, { userData: true }],
    ["a replacement for SSH keys", { sshKeys: ["laptop"] }, { sshKeys: true }],
    ["an update for the type", { serverType: "ccx23" }, { serverType: false }],
    ["an update for the name", { name: "node-2" }, { name: false }],
    ["an update for one label", { labels: { pool: "edge" } }, { "labels.pool": false }],
    ["an update for the group", { placementGroupId: 4 }, { placementGroupId: false }],
    [
      "an update for protection",
      { deleteProtection: true, rebuildProtection: true },
      { deleteProtection: false, rebuildProtection: false },
    ],
  ];
  const before = { ...good, labels: { pool: "media" } };
  test.each(plans)("shows %s", async (_what, change, expected) => {
    const server = await servers.create(before);
    expect(await servers.plan(server, { ...before, ...change })).toEqual(expected);
  });
});

describe("an update of the server type", () => {
  test("grows the disk, unless it is kept", async () => {
    const server = await servers.create(good);
    const kept = await servers.update(server, { ...good, serverType: "ccx23", keepDisk: true });
    expect(kept.outputs["primaryDiskSize"]).toBe(80);
    const grown = await servers.update(kept, { ...good, serverType: "ccx33" });
    expect(grown.outputs["primaryDiskSize"]).toBe(240);
    await expect(servers.update(grown, good)).rejects.toThrow("(invalid_server_type)");
  });

  test("refuses another architecture", async () => {
    const server = await servers.create(good);
    await expect(servers.update(server, { ...good, serverType: "cax41" })).rejects.toThrow(
      `server "node-1" cannot become a cax41`,
    );
  });
});

describe("a refresh", () => {
  test("finds nothing new right after the creation", async () => {
    const address = await addresses.create({ name: "node-1", type: "ipv4", location: "fsn1" });
    const firewall = await firewalls.create({ name: "wall" });
    const news = {
      ...withAddress(address),
      userData: "#cloud-config",
      labels: { pool: "media" },
      firewallIds: [numberOf(firewall)],
    };
    for (const inputs of [news, { serverType: "ccx13", image: "ubuntu-24.04", name: "bare" }]) {
      const server = await servers.create(inputs);
      const found = await servers.refresh(server);
      expect(found).toEqual({ id: server.id, inputs: server.inputs, outputs: server.outputs });
      expect(await servers.plan(server, inputs)).toEqual({});
    }
  });

  test("tells what somebody else changed, and that the server is gone", async () => {
    const server = await servers.create(good);
    inProject((project) => {
      const object = project.get("server", server.id)!;
      project.put("server", {
        ...object,
        labels: { by: "hand" },
        serverType: "ccx23",
        backups: true,
      });
    });
    const found = (await servers.refresh(server))!;
    expect(await servers.plan(found, good)).toEqual({
      labels: false,
      serverType: false,
      backups: false,
    });
    await servers.delete(server);
    expect(await servers.refresh(server)).toBeUndefined();
  });

  test("takes a firewall that came by label for drift, unless told to ignore it", async () => {
    const named = numberOf(await firewalls.create({ name: "named" }));
    const plain = { ...good, labels: { pool: "media" }, firewallIds: [named] };
    const ignoring = { ...plain, name: "node-2", ignoreRemoteFirewallIds: true };
    const server = await servers.create(plain);
    const other = await servers.create(ignoring);
    await firewalls.create({
      name: "by-label",
      applyTos: [{ labelSelector: "pool in (media,edge)" }],
    });
    expect(await servers.plan((await servers.refresh(server))!, plain)).toEqual({
      "firewallIds[1]": false,
    });
    expect(await servers.plan((await servers.refresh(other))!, ignoring)).toEqual({});
  });
});

test("an import tells the inputs of the server, and none that the API does not tell", async () => {
  const server = await servers.create({ ...good, userData: "secret", labels: { pool: "media" } });
  const found = (await servers.import(server.id))!;
  expect(found.inputs).toMatchObject({ ...good, labels: { pool: "media" } });
  expect(found.inputs).not.toHaveProperty("userData");
  expect(await servers.import("1")).toBeUndefined();
});
