import { contains, parseCidr } from "../cidr";
import type { CertificateSeen, LinkSeen, Observation, RegionSeen } from "./observation";

/** Fewer days than that and a certificate counts as a hole: any `up` of the last half year would have renewed it. */
const leastDays = 30;

/** What the program says of a region: its pods' range. */
export type Expected = Readonly<Record<string, { podCidr: string } | undefined>>;

/** Every user of a region's mesh server has a certificate (component-facts 2.4). */
export const users = ["server", "admin", "remote", "local"] as const;

/** All that is wrong with what was seen, one sentence each; empty when all is well. */
export function holes(seen: Observation, expected: Expected): string[] {
  const regions = Object.entries(seen.regions);
  return [
    ...regions.flatMap(([name, region]) => regionHoles(name, region, expected)),
    ...authorityHoles(regions),
    ...seen.links.flatMap((link) => linkHoles(link, seen.timeout, expected)),
  ];
}

function regionHoles(name: string, region: RegionSeen, expected: Expected): string[] {
  if (region.unreachable !== undefined) {
    return [
      `${name} cannot be looked at, so its links to and from the other regions are unknown: ${region.unreachable}`,
    ];
  }
  const range = expected[name]?.podCidr;
  return [
    ...(region.clusterName === name
      ? []
      : [
          `${name} takes part in the mesh as ${region.clusterName ?? "nobody"}: is its kubeconfig the right one?`,
        ]),
    ...(region.podRange === range
      ? []
      : [
          `${name} gives pods addresses of ${region.podRange ?? "no range"}, but regions.ts says ${range}.`,
        ]),
    ...users.flatMap((user) => certificateHoles(name, user, region.certificates)),
  ];
}

function certificateHoles(
  region: string,
  user: (typeof users)[number],
  all: readonly CertificateSeen[],
): string[] {
  const found = all.find((certificate) => certificate.user === user);
  if (!found) return [`${region} has no mesh certificate "${user}".`];
  const sentences = [];
  if (user !== "server" && found.commonName !== `${user}-${region}`) {
    sentences.push(
      `${region}'s mesh certificate "${user}" is made out to ${found.commonName} instead of ${user}-${region}.`,
    );
  }
  if (!found.signedByAuthority) {
    sentences.push(
      `${region}'s mesh certificate "${user}" is not signed by the CA beside it in its Secret.`,
    );
  }
  if (found.daysLeft < 0) {
    sentences.push(
      `${region}'s mesh certificate "${user}" ended on ${found.validUntil.slice(0, 10)}.`,
    );
  } else if (found.daysLeft < leastDays) {
    sentences.push(
      `${region}'s mesh certificate "${user}" ends in ${found.daysLeft} days; \`pulumi up --stack ${region}\` renews it.`,
    );
  }
  return sentences;
}

function authorityHoles(regions: readonly (readonly [string, RegionSeen])[]): string[] {
  const holders = new Map<string, Set<string>>();
  for (const [name, { certificates }] of regions) {
    for (const { authority } of certificates) {
      holders.set(authority, (holders.get(authority) ?? new Set()).add(name));
    }
  }
  if (holders.size < 2) return [];
  const sides = [...holders].map(
    ([authority, names]) => `${shortPrint(authority)} (${[...names].join(", ")})`,
  );
  return [`The mesh has more than one CA: ${sides.join(" and ")}.`];
}

/** The beginning of a fingerprint, enough to tell CAs apart. */
export const shortPrint = (fingerprint: string) => fingerprint.slice(0, 12);

function linkHoles(link: LinkSeen, timeout: number, expected: Expected): string[] {
  const { observer, source, address } = link;
  if (link.appearedAfter === undefined) return [neverSeen(link, timeout)];
  const range = parseCidr(expected[source]?.podCidr ?? "");
  const inside = parseCidr(`${address}/32`);
  const sentences = [];
  if (!range || !inside || !contains(range, inside)) {
    sentences.push(
      `${observer} sees ${source} at ${address}, which is outside ${source}'s pod range ${range?.text}.`,
    );
  }
  if (link.goneAfter === undefined) {
    sentences.push(
      `${observer} still sees ${source}'s endpoint ${address} ${timeout} s after it was deleted.`,
    );
  }
  return sentences;
}

function neverSeen({ observer, source, address, shownInstead }: LinkSeen, timeout: number): string {
  const mislabelled = shownInstead.find((shown) => shown.address === address);
  if (mislabelled && mislabelled.source !== source) {
    return `${observer} does not see ${source}: it shows ${source}'s endpoint ${address} as one of "${mislabelled.source}".`;
  }
  const others = shownInstead
    .filter((shown) => shown.source === source)
    .map((shown) => shown.address);
  const detail =
    others.length === 0 ? "" : `, and it shows ${others.join(", ")} under ${source}'s name`;
  return `${observer} does not see ${source}: the endpoint ${address} did not appear within ${timeout} s${detail}.`;
}
