import { contains, hasHostBits, overlaps, parseCidr } from "./cidr";
import { locations } from "./components/machines/catalogue";
import type { Cidr } from "./cidr";
import type { Location } from "./components/machines/catalogue";

/** The regions of the platform; a stack file says which one its stack is. */
export const regionNames = ["germany", "us-west", "singapore"] as const;

export type RegionName = (typeof regionNames)[number];

/** What every region knows of every other one before any of them exists. */
export interface RegionFacts {
  /** Hetzner locations that the region may stand in, the default first; all are in one network zone. */
  readonly locations: readonly [Location, ...Location[]];
  /** Azure region that Traffic Manager measures from on behalf of the region's users. */
  readonly azureLocation: string;
  /** Cilium cluster id, 1 to 255, unique. The region's name is Cilium's cluster name. */
  readonly clusterId: number;
  /** Pod addresses of the region's cluster (IPv4 CIDR), disjoint from every other range here. */
  readonly podCidr: string;
  /** Service addresses of the region's cluster (IPv4 CIDR), disjoint from every other range here. */
  readonly serviceCidr: string;
}

/** One row a region. A row and a stack file are all that a new region needs. */
export const regions: Readonly<Record<RegionName, RegionFacts>> = {
  germany: {
    locations: ["fsn1", "nbg1"],
    azureLocation: "Germany West Central",
    clusterId: 1,
    podCidr: "10.101.0.0/16",
    serviceCidr: "10.111.0.0/16",
  },
  "us-west": {
    locations: ["hil"],
    azureLocation: "West US 2",
    clusterId: 2,
    podCidr: "10.102.0.0/16",
    serviceCidr: "10.112.0.0/16",
  },
  singapore: {
    locations: ["sin"],
    azureLocation: "Southeast Asia",
    clusterId: 3,
    podCidr: "10.103.0.0/16",
    serviceCidr: "10.113.0.0/16",
  },
};

/** The region whose stack owns what exists once (mesh CA, shared secrets); it reads no other stack. */
export const anchor: RegionName = "germany";

/** One range that covers all pod and service ranges, so that a rule can name the platform's inside. */
export const supernet = "10.96.0.0/11";

/** Longest name that Cilium accepts for a cluster (component-facts.md 2.3). */
const longestClusterName = 32;

/**
 * Finds what is wrong with a table of regions, one sentence each; an empty list means that all is well. Names and ids must be
 * legal for Cilium Cluster Mesh and unique, ranges valid, disjoint and inside the supernet, locations known and in one network zone.
 */
export function checkRegions(table: Readonly<Record<string, RegionFacts>> = regions): string[] {
  const rows = Object.entries(table);
  return [
    ...rows.flatMap(([name, facts]) => [
      ...checkName(name),
      ...checkClusterId(name, facts),
      ...checkLocations(name, facts),
    ]),
    ...repeatedIds(rows),
    ...checkRanges(rows),
  ];
}

function checkName(name: string): string[] {
  return name.length <= longestClusterName && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name)
    ? []
    : [
        `Region "${name}" needs a name of at most ${longestClusterName} lower-case letters, digits and inner hyphens that begins with a letter.`,
      ];
}

function checkClusterId(name: string, { clusterId }: RegionFacts): string[] {
  return Number.isInteger(clusterId) && clusterId >= 1 && clusterId <= 255
    ? []
    : [
        `Region ${name} has the cluster id ${clusterId}; Cilium takes a whole number from 1 to 255.`,
      ];
}

function repeatedIds(rows: readonly [string, RegionFacts][]): string[] {
  return pairs(rows)
    .filter(([[, one], [, other]]) => one.clusterId === other.clusterId)
    .map(
      ([[one, facts], [other]]) =>
        `Regions ${one} and ${other} both have the cluster id ${facts.clusterId}; every region needs its own.`,
    );
}

function checkLocations(name: string, facts: RegionFacts): string[] {
  const legal = Object.keys(locations);
  const unknown = facts.locations.filter((location) => !legal.includes(location));
  if (unknown.length > 0) {
    return unknown.map(
      (location) =>
        `Region ${name} has the location ${location}; the catalogue knows ${legal.join(", ")}.`,
    );
  }
  const zones = new Set(facts.locations.map((location) => locations[location].networkZone));
  return zones.size === 1
    ? []
    : [
        `Region ${name} has locations in the network zones ${[...zones].join(" and ")}; one region lies in one zone.`,
      ];
}

function checkRanges(rows: readonly [string, RegionFacts][]): string[] {
  const written = rows.flatMap(([name, facts]) => [
    { owner: `pods of ${name}`, text: facts.podCidr },
    { owner: `services of ${name}`, text: facts.serviceCidr },
  ]);
  const mistakes: string[] = [];
  const valid: { owner: string; range: Cidr }[] = [];
  const outer = parseCidr(supernet);
  for (const { owner, text } of written) {
    const range = parseCidr(text);
    if (range?.address.kind() !== "ipv4" || hasHostBits(range)) {
      mistakes.push(
        `The ${owner} have the range ${text}, which is not an IPv4 network such as 10.101.0.0/16.`,
      );
    } else {
      valid.push({ owner, range });
      if (outer === undefined || !contains(outer, range)) {
        mistakes.push(
          `The ${owner} have the range ${text}, which is not inside the supernet ${supernet}.`,
        );
      }
    }
  }
  for (const [one, other] of pairs(valid)) {
    if (overlaps(one.range, other.range)) {
      mistakes.push(
        `The ${one.owner} (${one.range.text}) and the ${other.owner} (${other.range.text}) overlap; every range needs its own addresses.`,
      );
    }
  }
  return mistakes;
}

/** Every pair of a list, in order. */
function pairs<T>(list: readonly T[]): [T, T][] {
  return list.flatMap((one, index) => list.slice(index + 1).map((other): [T, T] => [one, other]));
}
