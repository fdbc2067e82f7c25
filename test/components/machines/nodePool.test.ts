import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { NodePool, type NodePoolArgs } from "../../../components/machines/nodePool";
import { poolNodes } from "../../../components/machines/nodes";
import { only, registered } from "../registered";

const serverType = "hcloud:index/server:Server";
const groupType = "hcloud:index/placementGroup:PlacementGroup";

const render = (count: number, replace: readonly string[] = []) =>
  registered(() => {
    const args: NodePoolArgs = {
      region: "germany",
      pool: "media",
      location: "fsn1",
      serverType: "ccx23",
      image: "ubuntu-24.04",
      machines: poolNodes("germany", "media", count).map((node) => ({
        node,
        address: { id: pulumi.output(700 + node.number), ipv4: pulumi.output("192.0.2.1") },
        userData: pulumi.secret(`#cloud-config\n# ${node.name}\n`),
        replace: replace.includes(node.name),
      })),
      firewalls: [new hcloud.Firewall("guard", { rules: [] })],
    };
    return new NodePool("germany-media", args);
  });

describe("a server", () => {
  it("has its name, its Primary IP and nothing public besides", async () => {
    const server = only(await render(2), `${serverType} germany-media-2`);
    expect(server.inputs).toMatchObject({
      name: "germany-media-2",
      serverType: "ccx23",
      image: "ubuntu-24.04",
      location: "fsn1",
      labels: { "meridian.dev/region": "germany", "meridian.dev/pool": "media" },
      publicNets: [{ ipv4Enabled: true, ipv4: 702, ipv6Enabled: false }],
      ignoreRemoteFirewallIds: true,
      shutdownBeforeDeletion: true,
      keepDisk: true,
    });
  });

  it("has no firewall, key or data centre of its own", async () => {
    const server = only(await render(1), `${serverType} germany-media-1`);
    for (const key of ["firewallIds", "sshKeys", "datacenter", "networks"]) {
      expect(server.inputs).not.toHaveProperty(key);
    }
  });

  it("keeps its user data secret and waits for the firewalls", async () => {
    const server = only(await render(1), `${serverType} germany-media-1`);
    expect(server.inputs["userData"]).toBe("[secret]");
    expect(server.dependencies).toContain("guard");
  });

  it("is not replaced for a new image or cloud-init, but when it is named", async () => {
    const resources = await render(2, ["germany-media-2"]);
    const ignored = (name: string) => only(resources, `${serverType} ${name}`).ignoreChanges;
    expect(ignored("germany-media-1")).toEqual(["image", "userData"]);
    expect(ignored("germany-media-2")).toEqual([]);
  });

  it("goes before its successor comes, which needs its name and address", async () => {
    expect(only(await render(1), `${serverType} germany-media-1`).deleteBeforeReplace).toBe(true);
  });
});

describe("the pool", () => {
  it("spreads twelve servers over two groups", async () => {
    const resources = await render(12);
    const groups = [...resources.keys()].filter((key) => key.startsWith(groupType));
    expect(groups).toEqual([`${groupType} germany-media-1`, `${groupType} germany-media-2`]);
    const groupOf = (number: number) =>
      only(resources, `${serverType} germany-media-${number}`).inputs["placementGroupId"];
    expect(new Set([1, 2, 10].map(groupOf)).size).toBe(1);
    expect(new Set([1, 11, 12].map(groupOf)).size).toBe(2);
    expect(only(resources, `${groupType} germany-media-1`).inputs).toMatchObject({
      type: "spread",
    });
  });

  it("touches nobody when it grows", async () => {
    const small = await render(10);
    const large = await render(11);
    const inputs = (resources: typeof small) =>
      [...small.keys()]
        .filter((key) => !key.startsWith("meridian:"))
        .map((key) => [key, only(resources, key).inputs]);
    expect(inputs(large)).toEqual(inputs(small));
    expect([...large.keys()].filter((key) => !small.has(key)).toSorted()).toEqual([
      `${groupType} germany-media-2`,
      `${serverType} germany-media-11`,
    ]);
  });
});
