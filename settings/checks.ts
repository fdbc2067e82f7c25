import { hasHostBits, parseCidr } from "../cidr";
import { locations, refusal } from "../components/machines/catalogue";
import { placementGroups, placementGroupSize, poolNodes } from "../components/machines/nodes";
import { regions } from "../regions";
import { keyPath, show } from "./shape";
import type { z } from "zod";
import type { NodePlan } from "../components/machines/nodes";
import type { StackFile } from "../settings";
import type { Parts } from "./shape";

/** What could be read of a stack file. */
type Groups = Parts<z.output<typeof StackFile>>;

/** Widest operator range, as a prefix length, that needs no word of permission. */
const widestPrefix = 8;

/** Spread placement groups that a Hetzner project may have (capabilities.md 4.1). */
const placementGroupsPerProject = 50;

/** Longest DNS name (RFC 1035). */
const longestDnsName = 253;

/** Finds what is wrong between settings that are each well formed, one sentence each. Missing parts are passed over. */
export function checkGroups(groups: Groups): string[] {
  return [
    ...checkLocation(groups),
    ...checkDomain(groups),
    ...checkAccess(groups),
    ...checkPools(groups),
    ...checkReplacements(groups),
  ];
}

function checkLocation({ region }: Groups): string[] {
  if (region?.name === undefined || region.location === undefined) {
    return [];
  }
  const { name, location } = region;
  const legal = regions[name].locations;
  return legal.includes(location)
    ? []
    : [
        `meridian:region.location: ${location} lies in the network zone ${locations[location].networkZone}, and ${name} in ${locations[legal[0]].networkZone}; it must be one of ${legal.join(", ")}.`,
      ];
}

function checkDomain(groups: Groups): string[] {
  const { name, zone } = groups.domain ?? {};
  const mistakes: string[] = [];
  if (name !== undefined && zone !== undefined && name !== zone && !name.endsWith(`.${zone}`)) {
    mistakes.push(
      `meridian:domain.name: ${show(name)} is not in the zone ${zone}; it must be ${zone} or end in .${zone}.`,
    );
  }
  const longest = derivedNames(groups).toSorted((one, other) => other.length - one.length)[0];
  if (longest !== undefined && longest.length > longestDnsName) {
    mistakes.push(
      `meridian:domain.name: ${show(name)} is too long; the name ${show(longest)} made from it has ${longest.length} characters and DNS allows ${longestDnsName}.`,
    );
  }
  return mistakes;
}

/** DNS names of this stack that are made from the domain's name. */
function derivedNames(groups: Groups): string[] {
  const region = groups.region?.name;
  const domain = groups.domain?.name;
  return region === undefined || domain === undefined
    ? []
    : [`api.${region}`, `${region}.mesh`, ...servers(groups).map(({ name }) => name)].map(
        (name) => `${name}.${domain}`,
      );
}

function checkAccess({ access }: Groups): string[] {
  const ranges = access?.operatorCidrs ?? [];
  return ranges.flatMap((text, index) => {
    const key = keyPath(["access", "operatorCidrs", index]);
    const range = parseCidr(text);
    if (range === undefined) {
      return [
        `${key}: ${show(text)} is not an IP range; write one such as 203.0.113.0/24 or 2001:db8::/48.`,
      ];
    }
    if (hasHostBits(range)) {
      const single = `${range.address.toString()}/${range.address.kind() === "ipv4" ? 32 : 128}`;
      return [
        `${key}: ${show(text)} is an address inside a network; write ${range.network} for the network or ${single} for the address.`,
      ];
    }
    if (range.prefix < widestPrefix && access?.allowWorld !== true) {
      return [
        `${key}: ${show(text)} is wider than /${widestPrefix}, almost the whole Internet; name narrower ranges or set meridian:access.allowWorld to true.`,
      ];
    }
    return ranges.indexOf(text) === index ? [] : [`${key}: ${show(text)} is listed twice.`];
  });
}

function checkPools(groups: Groups): string[] {
  const pools = Object.entries(groups.pools ?? {});
  const name = groups.region?.name;
  const location = groups.region?.location ?? (name && regions[name].locations[0]);
  const refused = pools.flatMap(([pool, part]) => {
    const reason = location && part?.type && refusal(part.type, location);
    return reason ? [`${keyPath(["pools", pool, "type"])}: ${part.type} ${reason}.`] : [];
  });
  const groupCount = pools.flatMap(([, part]) => placementGroups(part?.count ?? 0)).length;
  return groupCount <= placementGroupsPerProject
    ? refused
    : [
        ...refused,
        `meridian:pools: its servers need ${groupCount} spread placement groups of ${placementGroupSize}, but a Hetzner project has ${placementGroupsPerProject}; make the pools smaller.`,
      ];
}

function checkReplacements(groups: Groups): string[] {
  const wanted = groups.machines?.replace ?? [];
  const poolOf = new Map(servers(groups).map(({ name, pool }) => [name, pool]));
  if (poolOf.size === 0) {
    return [];
  }
  return wanted.flatMap((name, index) => {
    const key = keyPath(["machines", "replace", index]);
    const pool = poolOf.get(name);
    const earlier = wanted.slice(0, index);
    const sibling = earlier.find((other) => poolOf.get(other) === pool);
    if (pool === undefined) {
      return [
        `${key}: ${show(name)} is no server of this stack; it must be one of ${[...poolOf.keys()].join(", ")}.`,
      ];
    }
    if (earlier.includes(name)) {
      return [`${key}: ${show(name)} is listed twice.`];
    }
    if (sibling !== undefined) {
      return [
        `${key}: ${show(name)} is in the pool ${pool} like ${sibling}; replace one server of a pool at a time.`,
      ];
    }
    return pool === "control-plane" && groups.pools?.["control-plane"]?.count === 1
      ? [
          `${key}: ${show(name)} is the only control-plane server, and the cluster would be lost with it; first set meridian:pools.control-plane.count to 3.`,
        ]
      : [];
  });
}

/** Every server of the stack whose region and pool could be read. */
function servers({ region, pools }: Groups): NodePlan[] {
  const name = region?.name;
  return name === undefined
    ? []
    : Object.entries(pools ?? {}).flatMap(([pool, part]) =>
        poolNodes(name, pool, part?.count ?? 0),
      );
}
