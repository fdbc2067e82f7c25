import { regions } from "../../regions";
import { users } from "../../verify/holes";
import type { LinkSeen, Observation, RegionSeen } from "../../verify/observation";

const authority = "a1b2c3d4e5f6".repeat(5);

const addresses: Record<string, string> = { germany: "10.101.7.7", singapore: "10.103.7.7" };

function region(name: keyof typeof regions): RegionSeen {
  return {
    clusterName: name,
    podRange: regions[name].podCidr,
    certificates: users.map((user) => ({
      user,
      commonName: `${user}-${name}`,
      validUntil: "2028-11-20T00:00:00.000Z",
      daysLeft: 729,
      authority,
      signedByAuthority: true,
    })),
  };
}

const link = (observer: string, source: string): LinkSeen => ({
  observer,
  source,
  address: addresses[source] ?? "",
  appearedAfter: 0.6,
  goneAfter: 0.5,
  shownInstead: [],
});

/** Two regions that see each other, in which a test may plant a fault. */
export function observed(): {
  seen: Observation;
  germany: RegionSeen;
  singapore: RegionSeen;
  /** Singapore looks at germany. */
  toGermany: LinkSeen;
} {
  const [germany, singapore] = [region("germany"), region("singapore")];
  const toGermany = link("singapore", "germany");
  const links = [link("germany", "singapore"), toGermany];
  return {
    seen: { timeout: 30, regions: { germany, singapore }, links },
    germany,
    singapore,
    toGermany,
  };
}
