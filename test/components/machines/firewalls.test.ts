import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { Firewalls } from "../../../components/machines/firewalls";
import { only, registered } from "../registered";

const render = () =>
  registered(
    () =>
      new Firewalls("germany-firewall", {
        region: "germany",
        pools: ["control-plane", "media"],
        operatorCidrs: ["203.0.113.0/24"],
        nodeAddresses: [pulumi.output("192.0.2.1"), pulumi.output("192.0.2.7")],
        controlPlaneAddresses: [pulumi.output("192.0.2.1")],
      }),
  );

const firewall = "hcloud:index/firewall:Firewall germany-firewall";

it("finds its servers by label, so that autoscaled ones have it too", async () => {
  const resources = await render();
  expect(only(resources, `${firewall}-nodes`).inputs["applyTos"]).toEqual([
    { labelSelector: "meridian.dev/region=germany" },
  ]);
  expect(only(resources, `${firewall}-control-plane`).inputs["applyTos"]).toEqual([
    { labelSelector: "meridian.dev/region=germany,meridian.dev/pool=control-plane" },
  ]);
});

it("lets operators and this region's nodes to the API, and nobody else", async () => {
  const { inputs } = only(await render(), `${firewall}-control-plane`);
  const rules = inputs["rules"] as { port: string; sourceIps: string[] }[];
  expect(rules.find(({ port }) => port === "6443")?.sourceIps).toEqual([
    "203.0.113.0/24",
    "192.0.2.1/32",
    "192.0.2.7/32",
  ]);
});

it("makes no firewall for a pool without rules of its own", async () => {
  const keys = [...(await render()).keys()].filter((key) => key.startsWith("hcloud:"));
  expect(keys.toSorted()).toEqual([`${firewall}-control-plane`, `${firewall}-nodes`]);
});
