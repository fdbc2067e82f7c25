import { describe, expect, it } from "vitest";
import { contains, overlaps, parseCidr } from "../cidr";
import { poolNames } from "../settings";
import { anchor, checkRegions, regionNames, regions, supernet } from "../regions";
import type { RegionFacts } from "../regions";

const facts: RegionFacts = {
  locations: ["fsn1"],
  azureLocation: "Germany West Central",
  clusterId: 7,
  podCidr: "10.104.0.0/16",
  serviceCidr: "10.114.0.0/16",
};

function range(text: string) {
  const cidr = parseCidr(text);
  if (cidr === undefined) {
    throw new Error(`${text} is not a range`);
  }
  return cidr;
}

describe("the table of regions", () => {
  it("has no mistake", () => {
    expect(checkRegions()).toEqual([]);
  });

  it("keeps the ids, ranges and locations that running clusters have", () => {
    expect(
      regionNames.map((name) => {
        const { clusterId, podCidr, serviceCidr, locations, azureLocation } = regions[name];
        return [name, clusterId, podCidr, serviceCidr, locations.join(), azureLocation];
      }),
    ).toEqual([
      ["germany", 1, "10.101.0.0/16", "10.111.0.0/16", "fsn1,nbg1", "Germany West Central"],
      ["us-west", 2, "10.102.0.0/16", "10.112.0.0/16", "hil", "West US 2"],
      ["singapore", 3, "10.103.0.0/16", "10.113.0.0/16", "sin", "Southeast Asia"],
    ]);
    expect(anchor).toBe("germany");
  });

  it("has disjoint ranges over all regions, all inside the supernet", () => {
    const ranges = Object.values(regions).flatMap((row) => [row.podCidr, row.serviceCidr]);
    for (const one of ranges) {
      expect(contains(range(supernet), range(one))).toBe(true);
      const shared = ranges.filter((other) => overlaps(range(one), range(other)));
      expect(shared).toEqual([one]);
    }
  });

  it("leaves room for every server name in the 63 characters of a host name", () => {
    const longest = poolNames.toSorted((one, other) => other.length - one.length)[0];
    for (const name of regionNames) {
      expect(`${name}-${longest}-100`).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    }
    expect(`${"x".repeat(32)}-${longest}-100`.length).toBeLessThanOrEqual(63);
  });
});

describe("a broken table of regions", () => {
  const name32 = "x".repeat(32);
  const broken: [string, Record<string, RegionFacts>, ...string[]][] = [
    [
      "a name over 32 characters",
      { [`${name32}x`]: facts },
      `Region "${name32}x" needs a name of at most 32 lower-case letters, digits and inner hyphens that begins with a letter.`,
    ],
    [
      "a name with capitals",
      { Germany: facts },
      'Region "Germany" needs a name of at most 32 lower-case letters, digits and inner hyphens that begins with a letter.',
    ],
    [
      "the cluster id 0",
      { north: { ...facts, clusterId: 0 } },
      "Region north has the cluster id 0; Cilium takes a whole number from 1 to 255.",
    ],
    [
      "the cluster id 256",
      { north: { ...facts, clusterId: 256 } },
      "Region north has the cluster id 256; Cilium takes a whole number from 1 to 255.",
    ],
    [
      "a cluster id twice",
      {
        north: facts,
        south: { ...facts, podCidr: "10.105.0.0/16", serviceCidr: "10.115.0.0/16" },
      },
      "Regions north and south both have the cluster id 7; every region needs its own.",
    ],
    [
      "an unknown location",
      { north: { ...facts, locations: ["hel1" as "fsn1"] } },
      "Region north has the location hel1; the catalogue knows fsn1, nbg1, hil, sin.",
    ],
    [
      "locations in two network zones",
      { north: { ...facts, locations: ["fsn1", "hil"] } },
      "Region north has locations in the network zones eu-central and us-west; one region lies in one zone.",
    ],
    [
      "a malformed range",
      { north: { ...facts, podCidr: "10.104.0.0" } },
      "The pods of north have the range 10.104.0.0, which is not an IPv4 network such as 10.101.0.0/16.",
    ],
    [
      "a range with host bits",
      { north: { ...facts, serviceCidr: "10.114.1.0/16" } },
      "The services of north have the range 10.114.1.0/16, which is not an IPv4 network such as 10.101.0.0/16.",
    ],
    [
      "an IPv6 range",
      { north: { ...facts, podCidr: "2001:db8::/48" } },
      "The pods of north have the range 2001:db8::/48, which is not an IPv4 network such as 10.101.0.0/16.",
    ],
    [
      "a range outside the supernet",
      { north: { ...facts, podCidr: "10.42.0.0/16" } },
      "The pods of north have the range 10.42.0.0/16, which is not inside the supernet 10.96.0.0/11.",
    ],
    [
      "pods and services of one region that overlap",
      { north: { ...facts, serviceCidr: "10.104.128.0/17" } },
      "The pods of north (10.104.0.0/16) and the services of north (10.104.128.0/17) overlap; every range needs its own addresses.",
    ],
    [
      "pods of two regions that overlap",
      { north: facts, south: { ...facts, clusterId: 8, serviceCidr: "10.115.0.0/16" } },
      "The pods of north (10.104.0.0/16) and the pods of south (10.104.0.0/16) overlap; every range needs its own addresses.",
    ],
  ];

  it.each(broken)("with %s is described in a sentence", (_, table, ...sentences) => {
    expect(checkRegions(table)).toEqual(sentences);
  });
});
