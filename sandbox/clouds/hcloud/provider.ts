import { version } from "@pulumi/hcloud/package.json";
import { type Provider } from "../../provider/resourceType";
import { firewall } from "./firewall";
import { placementGroup } from "./placementGroup";
import { primaryIp } from "./primaryIp";
import { type Power, serverType } from "./server";

/** Loaded when the first machine is switched, because it is much larger than the rest. */
const power: Power = {
  powerOn: async (machine) => (await import("../../machines/power.js")).powerOn(machine),
  powerOff: async (machine) => (await import("../../machines/power.js")).powerOff(machine),
};

/** Hetzner's API tokens are this long. */
const tokenCharacters = 64;

/** The sandbox's Hetzner Cloud: one project, kept in `.sandbox/clouds/hcloud`. */
export const provider: Provider = {
  name: "hcloud",
  version,
  types: {
    "hcloud:index/firewall:Firewall": firewall,
    "hcloud:index/placementGroup:PlacementGroup": placementGroup,
    "hcloud:index/primaryIp:PrimaryIp": primaryIp,
    "hcloud:index/server:Server": serverType(power),
  },
  checkConfig: ({ token }) => {
    if (typeof token === "string" && token.length === tokenCharacters) return [];
    return [
      {
        property: "token",
        reason: `a token for Hetzner Cloud is needed, of exactly ${tokenCharacters} characters`,
      },
    ];
  },
};
