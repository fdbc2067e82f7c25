import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { Records } from "../../../components/dns/records";
import { registered } from "../registered";

const args = {
  region: "germany",
  domain: "live.example.com",
  zoneId: "0".repeat(32),
  nodes: {
    "germany-control-plane-1": pulumi.output("192.0.2.1"),
    "germany-edge-1": pulumi.output("192.0.2.2"),
  },
  controlPlane: ["germany-control-plane-1"],
  edge: ["germany-edge-1"],
};

async function records() {
  const resources = await registered(() => new Records("germany-dns", args));
  return [...resources.values()].filter(({ custom }) => custom).map(({ inputs }) => inputs);
}

it("leads the region's name to its edge, the API's to the control plane, the mesh's to all nodes and each node's to itself", async () => {
  const pairs = (await records()).map(({ name, content }) => `${String(name)} ${String(content)}`);
  expect(pairs.toSorted()).toEqual([
    "api.germany.live.example.com 192.0.2.1",
    "germany-control-plane-1.live.example.com 192.0.2.1",
    "germany-edge-1.live.example.com 192.0.2.2",
    "germany.live.example.com 192.0.2.2",
    "germany.mesh.live.example.com 192.0.2.1",
    "germany.mesh.live.example.com 192.0.2.2",
  ]);
});

it("never goes through Cloudflare's proxy, is soon forgotten and says whose it is", async () => {
  for (const record of await records()) {
    expect(record).toMatchObject({
      zoneId: args.zoneId,
      type: "A",
      ttl: 60,
      proxied: false,
      comment: "Meridian, stack germany",
    });
  }
});
