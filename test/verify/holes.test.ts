import { expect, test } from "vitest";
import { regions } from "../../regions";
import { holes } from "../../verify/holes";
import type { CertificateSeen, LinkSeen, RegionSeen } from "../../verify/observation";
import { observed } from "./observed";

type Plant = (faulty: {
  germany: RegionSeen;
  toGermany: LinkSeen;
  remote: CertificateSeen;
}) => unknown;

test("regions that see each other have no hole", () => {
  expect(holes(observed().seen, regions)).toEqual([]);
});

test.each<[string, Plant, string[]]>([
  [
    "an endpoint that did not appear",
    ({ toGermany }) => delete toGermany.appearedAfter,
    ["singapore does not see germany: the endpoint 10.101.7.7 did not appear within 30 s."],
  ],
  [
    "what was known before is still shown",
    ({ toGermany }) => {
      delete toGermany.appearedAfter;
      toGermany.shownInstead = [{ source: "germany", address: "10.101.1.1" }];
    },
    [
      "singapore does not see germany: the endpoint 10.101.7.7 did not appear within 30 s, and it shows 10.101.1.1 under germany's name.",
    ],
  ],
  [
    "an endpoint under a wrong source label",
    ({ toGermany }) => {
      delete toGermany.appearedAfter;
      toGermany.shownInstead = [{ source: "us-west", address: "10.101.7.7" }];
    },
    [
      'singapore does not see germany: it shows germany\'s endpoint 10.101.7.7 as one of "us-west".',
    ],
  ],
  [
    "an endpoint outside the pod range",
    ({ toGermany }) => (toGermany.address = "10.102.7.7"),
    ["singapore sees germany at 10.102.7.7, which is outside germany's pod range 10.101.0.0/16."],
  ],
  [
    "an endpoint that stays after its deletion",
    ({ toGermany }) => delete toGermany.goneAfter,
    ["singapore still sees germany's endpoint 10.101.7.7 30 s after it was deleted."],
  ],
  [
    "a region that cannot be reached",
    ({ germany }) => {
      germany.certificates = [];
      germany.unreachable = "The connection was refused";
    },
    [
      "germany cannot be looked at, so its links to and from the other regions are unknown: The connection was refused",
    ],
  ],
  [
    "another cluster's kubeconfig",
    ({ germany }) => (germany.clusterName = "us-west"),
    ["germany takes part in the mesh as us-west: is its kubeconfig the right one?"],
  ],
  [
    "another pod range",
    ({ germany }) => (germany.podRange = "10.0.0.0/8"),
    ["germany gives pods addresses of 10.0.0.0/8, but regions.ts says 10.101.0.0/16."],
  ],
  [
    "29 days left",
    ({ remote }) => (remote.daysLeft = 29),
    [
      'germany\'s mesh certificate "remote" ends in 29 days; `pulumi up --stack germany` renews it.',
    ],
  ],
  ["30 days left", ({ remote }) => (remote.daysLeft = 30), []],
  [
    "a certificate that has ended",
    ({ remote }) => (remote.daysLeft = -1),
    ['germany\'s mesh certificate "remote" ended on 2028-11-20.'],
  ],
  [
    "a missing certificate",
    ({ germany }) => germany.certificates.splice(2, 1),
    ['germany has no mesh certificate "remote".'],
  ],
  [
    "a certificate of another region",
    ({ remote }) => (remote.commonName = "remote-us-west"),
    [
      'germany\'s mesh certificate "remote" is made out to remote-us-west instead of remote-germany.',
    ],
  ],
  [
    "a certificate that its CA did not sign",
    ({ remote }) => (remote.signedByAuthority = false),
    ['germany\'s mesh certificate "remote" is not signed by the CA beside it in its Secret.'],
  ],
  [
    "a CA of its own",
    ({ germany }) => {
      for (const certificate of germany.certificates) certificate.authority = "0".repeat(64);
    },
    ["The mesh has more than one CA: 000000000000 (germany) and a1b2c3d4e5f6 (singapore)."],
  ],
])("%s", (_name, plant, found) => {
  const { seen, germany, toGermany } = observed();
  const remote = germany.certificates.find(({ user }) => user === "remote");
  if (!remote) throw new Error("the fixture has no certificate of user remote");
  plant({ germany, toGermany, remote });
  expect(holes(seen, regions)).toEqual(found);
});
