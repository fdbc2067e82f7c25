import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type FirewallFacts,
  firewallNames,
  firewallRules,
} from "../../../components/machines/firewallRules";

const facts: FirewallFacts<string> = {
  operators: ["203.0.113.0/24", "2001:db8::/48"],
  nodes: ["192.0.2.1/32", "192.0.2.2/32", "192.0.2.9/32"],
  controlPlane: ["192.0.2.1/32", "192.0.2.2/32"],
};
const everywhere = ["0.0.0.0/0", "::/0"];
const pools = ["control-plane", "edge", "media", "ingest", "transcode", "observability"];
const all = firewallNames(pools);

/** Every opening as `port/protocol` with its sources. */
const openings = (firewall: string, given = facts) =>
  Object.fromEntries(
    firewallRules(firewall, given).map(({ port, protocol, sourceIps }) => [
      port === undefined ? protocol : `${port}/${protocol}`,
      sourceIps,
    ]),
  );

it("is one for every node, and one for each pool that serves something of its own", () => {
  expect(all).toEqual(["nodes", "control-plane", "edge", "ingest"]);
  expect(firewallNames(["media", "control-plane"])).toEqual(["nodes", "control-plane"]);
});

describe("the table", () => {
  it("opens on every node what mesh, Hubble and kubelet need", () => {
    expect(openings("nodes")).toEqual({
      icmp: everywhere,
      "51871/udp": everywhere,
      "32379/tcp": everywhere,
      "4244/tcp": facts.nodes,
      "10250/tcp": facts.nodes,
    });
  });

  it("opens the API to operators and the region's nodes, and etcd to the control plane alone", () => {
    expect(openings("control-plane")).toEqual({
      "6443/tcp": [...facts.operators, ...facts.nodes],
      "2379-2380/tcp": facts.controlPlane,
    });
  });

  it("opens HTTP and TURN on the edge", () => {
    expect(openings("edge")).toEqual({
      "443/tcp": everywhere,
      "80/tcp": everywhere,
      "3478/udp": everywhere,
      "3478/tcp": everywhere,
      "5349/tcp": everywhere,
      "5349/udp": everywhere,
    });
  });

  it("opens RTMP and SRT on the ingest pool", () => {
    expect(openings("ingest")).toEqual({ "1935/tcp": everywhere, "6000/udp": everywhere });
  });

  it.each([22, 8472, 6081, 4240, 10255])("never opens port %i to anybody", (port) => {
    const open = all
      .flatMap((firewall) => firewallRules(firewall, facts))
      .filter((rule) => {
        const [from = 0, to = from] = (rule.port ?? "0").split("-").map(Number);
        return from <= port && port <= to;
      });
    expect(open).toEqual([]);
  });

  it("never opens a whole range of ports but etcd's", () => {
    const rules = all.flatMap((firewall) => firewallRules(firewall, facts));
    const ranges = rules.flatMap(({ port = "" }) => (/^\d+$|^$/u.test(port) ? [] : [port]));
    expect(ranges).toEqual(["2379-2380"]);
  });

  it("gives each rule a reason that Hetzner takes", () => {
    const reasons = all
      .flatMap((firewall) => firewallRules(firewall, facts))
      .map((r) => r.description);
    expect(reasons.filter((reason) => reason.length < 10 || reason.length > 255)).toEqual([]);
  });
});

describe("sources", () => {
  it("beyond a hundred make a further rule, and none is lost", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 450 }), (size) => {
        const nodes = Array.from({ length: size }, (_, index) => `192.0.2.${index}/32`);
        const rules = firewallRules("control-plane", { ...facts, nodes }).filter(
          ({ port }) => port === "6443",
        );
        expect(rules.flatMap(({ sourceIps }) => sourceIps)).toEqual([...facts.operators, ...nodes]);
        expect(rules.filter(({ sourceIps }) => sourceIps.length > 100)).toEqual([]);
      }),
    );
  });

  it("that nobody is in make no rule, which would be open to nobody or to all", () => {
    expect(openings("nodes", { ...facts, nodes: [] })).not.toHaveProperty(["10250/tcp"]);
  });
});
