import { describe, expect, test } from "vitest";
import { firewall } from "../../../../sandbox/clouds/hcloud/firewall";
import { engineOf, useTemporarySandbox } from "../engine";
import { firewalls, good, numberOf, servers } from "./project";

useTemporarySandbox();

const https = { direction: "in", protocol: "tcp", port: "443", sourceIps: ["0.0.0.0/0", "::/0"] };

describe("a rule", () => {
  const legal: [string, Record<string, unknown>][] = [
    ["one port", {}],
    ["a range of ports", { port: "80-85" }],
    ["any port", { port: "any" }],
    ["the first and the last port", { port: "1-65535" }],
    ["no port for ICMP", { protocol: "icmp", port: undefined }],
    [
      "what goes out",
      { direction: "out", sourceIps: undefined, destinationIps: ["203.0.113.0/24"] },
    ],
    ["an IPv6 range", { sourceIps: ["2001:db8::/32"] }],
    ["a single address", { sourceIps: ["203.0.113.7/32"] }],
  ];
  test.each(legal)("takes %s", async (_what, change) => {
    const rules = [{ ...https, ...change }];
    expect(await firewalls.check({ name: "wall", rules })).toEqual({ name: "wall", rules });
  });

  const illegal: [string, Record<string, unknown>, string][] = [
    ["a direction that does not exist", { direction: "both" }, "rules.0.direction: Invalid option"],
    ["a protocol that does not exist", { protocol: "sctp" }, "rules.0.protocol: Invalid option"],
    ["TCP without a port", { port: undefined }, "a rule for tcp needs a port"],
    ["ICMP with a port", { protocol: "icmp" }, "a rule for icmp takes no port"],
    ["port 0", { port: "0" }, `"0" is not a port`],
    ["port 65536", { port: "65536" }, `"65536" is not a port`],
    ["a range that goes down", { port: "85-80" }, `"85-80" is not a port`],
    ["a list of ports", { port: "80,443" }, `"80,443" is not a port`],
    ["no sources", { sourceIps: [] }, `a rule with direction "in" needs sourceIps`],
    [
      "the wrong side",
      { destinationIps: ["203.0.113.0/24"] },
      `a rule with direction "in" takes only sourceIps`,
    ],
    [
      "host bits",
      { sourceIps: ["203.0.113.7/24"] },
      `"203.0.113.7/24" is not the start of its CIDR block: the bits after /24 must be zero`,
    ],
    ["IPv6 host bits", { sourceIps: ["2001:db8::1/32"] }, "is not the start of its CIDR block"],
    ["no prefix", { sourceIps: ["203.0.113.7"] }, `"203.0.113.7" is not an address range`],
    ["an input that does not exist", { ports: "80" }, `Unrecognized key: "ports"`],
  ];
  test.each(illegal)("refuses %s", async (_what, change, reason) => {
    const news = { name: "wall", rules: [{ ...https, ...change }] };
    await expect(firewalls.check(news)).rejects.toThrow(reason);
  });

  test("is one of at most fifty", async () => {
    const rules = Array.from({ length: 50 }, (_, n) => ({ ...https, port: String(n + 1) }));
    await firewalls.check({ name: "wall", rules });
    await expect(firewalls.check({ name: "wall", rules: [...rules, https] })).rejects.toThrow(
      "a firewall takes at most 50 rules",
    );
  });
});

test("nothing of a firewall replaces it", async () => {
  expect(firewall.replaceOn ?? []).toEqual([]);
  const wall = await firewalls.create({ name: "wall", rules: [https] });
  const news = { name: "gate", rules: [{ ...https, port: "80" }], labels: { a: "b" } };
  expect(await firewalls.plan(wall, news)).toEqual({
    name: false,
    "rules[0].port": false,
    labels: false,
  });
  const updated = await firewalls.update(wall, news);
  expect((await firewalls.refresh(updated))!.inputs).toEqual(updated.inputs);
});

test("a firewall that a server names cannot be deleted; one that matches by label can", async () => {
  const byLabel = await firewalls.create({
    name: "label",
    applyTos: [{ labelSelector: "pool=media" }],
  });
  const byId = await firewalls.create({ name: "id" });
  const server = await servers.create({
    ...good,
    labels: { pool: "media" },
    firewallIds: [numberOf(byId)],
  });
  const reverse = await firewalls.create({
    name: "reverse",
    applyTos: [{ server: numberOf(server) }],
  });
  await firewalls.delete(byLabel);
  await expect(firewalls.delete(byId)).rejects.toThrow(
    `firewall "id" is still in use by server "node-1" (resource_in_use)`,
  );
  await expect(firewalls.delete(reverse)).rejects.toThrow("(resource_in_use)");
  await servers.delete(server);
  expect((await firewalls.refresh(reverse))!.outputs["applyTos"]).toEqual([]);
  await firewalls.delete(byId);
  await firewalls.delete(reverse);
});

test("applyTos takes either a server or a selector, and only a server that exists", async () => {
  const wall = engineOf(firewall);
  await expect(wall.check({ name: "wall", applyTos: [{}] })).rejects.toThrow(
    "each of applyTos takes either server or labelSelector",
  );
  await expect(wall.create({ name: "wall", applyTos: [{ server: 3 }] })).rejects.toThrow(
    "server with ID '3' not found (not_found)",
  );
});

test("a name is used once, and a project has fifty firewalls", async () => {
  for (let n = 1; n <= 50; n++) await firewalls.create({ name: `wall-${n}` });
  await expect(firewalls.create({ name: "wall-1" })).rejects.toThrow("(uniqueness_error)");
  await expect(firewalls.create({ name: "wall-51" })).rejects.toThrow(
    "a project has at most 50 of kind firewall (resource_limit_exceeded)",
  );
});
