import { expect, it } from "vitest";
import { Addresses } from "../../../components/machines/addresses";
import { poolNodes } from "../../../components/machines/nodes";
import { only, registered } from "../registered";

const args = {
  region: "germany",
  location: "fsn1",
  nodes: poolNodes("germany", "edge", 2),
  protect: true,
};

it("makes an address for each node that nothing deletes by the way", async () => {
  const resources = await registered(() => new Addresses("germany-address", args));
  expect([...resources.keys()].toSorted()).toEqual([
    "hcloud:index/primaryIp:PrimaryIp germany-address-edge-1",
    "hcloud:index/primaryIp:PrimaryIp germany-address-edge-2",
    "meridian:machines:Addresses germany-address",
  ]);
  const address = only(resources, "hcloud:index/primaryIp:PrimaryIp germany-address-edge-2");
  expect(address.protect).toBe(true);
  expect(address.inputs).toEqual({
    name: "germany-edge-2",
    type: "ipv4",
    location: "fsn1",
    assigneeType: "server",
    autoDelete: false,
    deleteProtection: true,
    labels: { "meridian.dev/region": "germany", "meridian.dev/pool": "edge" },
  });
});

it("gives its addresses up once the stack file says so", async () => {
  const resources = await registered(
    () => new Addresses("germany-address", { ...args, protect: false }),
  );
  const address = only(resources, "hcloud:index/primaryIp:PrimaryIp germany-address-edge-2");
  expect(address.protect).toBe(false);
  expect(address.inputs).toMatchObject({ deleteProtection: false });
});

it("names the node that it does not have", async () => {
  const asked: unknown[] = [];
  await registered(() => {
    const addresses = new Addresses("germany-address", args);
    asked.push(() => addresses.of("germany-edge-3"));
  });
  expect(asked[0]).toThrow("the region has no node germany-edge-3");
});
