import { z } from "zod";
import { type Properties, type ResourceContext } from "../../provider/resourceType";
import { type Checked, checkInputs, withName } from "../inputs";
import { labelMap } from "./project";

/** Bytes of user data after rendering, and firewalls of one server (capabilities.md 4.1). */
const userDataBytes = 32_768;
const firewallsPerServer = 5;

const publicNet = z.strictObject({
  ipv4Enabled: z.boolean().default(true),
  ipv4: z.int().optional(),
  ipv6Enabled: z.boolean().default(true),
  ipv6: z.int().optional(),
});

/** The inputs of a server. */
export const shape = {
  name: z
    .string()
    .max(63)
    .regex(
      /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
      "a server's name must be a host name (RFC 1123)",
    ),
  serverType: z.string(),
  image: z.string(),
  location: z.string().optional(),
  datacenter: z.never("servers have no datacenter any more: use location").optional(),
  labels: labelMap.optional(),
  userData: z
    .string()
    .refine((text) => Buffer.byteLength(text) <= userDataBytes, {
      error: ({ input }) =>
        `user data has ${Buffer.byteLength(String(input))} bytes; at most ${userDataBytes} are accepted`,
    })
    .optional(),
  sshKeys: z.array(z.string()).optional(),
  firewallIds: z
    .array(z.int())
    .max(firewallsPerServer, `a server takes at most ${firewallsPerServer} firewalls`)
    .optional(),
  ignoreRemoteFirewallIds: z.boolean().default(false),
  publicNets: z.array(publicNet).max(1, "publicNets takes one entry").optional(),
  networks: z.never("the sandbox has no private networks").optional(),
  placementGroupId: z.int().optional(),
  keepDisk: z.boolean().default(false),
  backups: z.boolean().default(false),
  deleteProtection: z.boolean().default(false),
  rebuildProtection: z.boolean().default(false),
  shutdownBeforeDeletion: z.boolean().default(false),
  allowDeprecatedImages: z.boolean().optional(),
  iso: z.string().optional(),
  rescue: z.enum(["linux64", "linux32"]).optional(),
};

/** One entry of `publicNets`: which address families are on, and the ids of Primary IPs made before. */
export interface PublicNet {
  ipv4Enabled: boolean;
  ipv4?: number | undefined;
  ipv6Enabled: boolean;
  ipv6?: number | undefined;
}

/** Inputs that have been checked. */
export type ServerInputs = Checked<typeof shape>;

/** Fills in what the real provider fills in, and names every mistake that it finds without asking the API. */
export function checkServer(news: Properties, olds: Properties, { urn }: ResourceContext) {
  const { inputs, failures } = checkInputs(shape, withName(news, olds, urn));
  if (inputs["deleteProtection"] !== inputs["rebuildProtection"]) {
    failures.push({
      property: "rebuildProtection",
      reason: "deleteProtection and rebuildProtection must have the same value",
    });
  }
  return { inputs, failures };
}
