import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { leastUnderlayMtu, mostUnderlayMtu, tunnelBytes } from "./components/cluster/mtu";
import { locationNames, serverTypeNames } from "./components/machines/catalogue";
import { checkRegions, regionNames, regions } from "./regions";
import { checkGroups } from "./settings/checks";
import { checkKeys } from "./settings/keys";
import { partsOf, shapeMistakes } from "./settings/shape";
import type { Location } from "./components/machines/catalogue";
import type { RegionName } from "./regions";

// Pulumi knows which keys are encrypted, but its published types leave the question out.
declare module "@pulumi/pulumi/runtime/config" {
  export function isConfigSecret(key: string): boolean;
}

/** Secret settings, one flat key each: `pulumi config set --secret meridian:<key> --stack <region>`. */
export const secretKeys = [
  "hcloudToken",
  "cloudflareApiToken",
  "etcdBackupAccessKey",
  "etcdBackupSecretKey",
] as const;

/** The names that a pool may have; a server is called `<region>-<pool>-<number>`. */
export const poolNames = [
  "control-plane",
  "edge",
  "media",
  "ingest",
  "transcode",
  "observability",
] as const;

// Every `error` below is the end of the sentence "<key>: <value> must be ..." (settings/shape.ts).

const dnsRule = "a DNS name in lower case with at least two labels, such as live.example.com";
const dnsName = z
  .string({ error: dnsRule })
  .max(253, { error: "at most 253 characters long, as DNS demands" })
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/, {
    error: dnsRule,
  });

const zoneIdRule = "the 32 lower-case hexadecimal digits of the zone, in quotes";
const typeRule = `one of ${serverTypeNames.join(", ")}`;
const type = z
  .enum(serverTypeNames, { error: typeRule })
  .describe("Hetzner server type; must be sold in the region's location.");

const countRule = "a whole number from 1 to 100; to have no such pool, leave its key out";
const pool = z
  .strictObject({
    type,
    count: z
      .int({ error: countRule })
      .min(1, { error: countRule })
      .max(100, { error: countRule })
      .describe("Number of servers, 1 to 100. Each ten of them share a spread placement group."),
  })
  .exactOptional();

const quorumRule =
  "1 or 3: etcd needs a majority, and an even number survives no more failures than one server fewer";

const mtuRule = `a whole number from ${leastUnderlayMtu} to ${mostUnderlayMtu}, because encryption and the tunnel take ${tunnelBytes} bytes of it`;

/** Every setting of a stack file that is not secret. Top-level keys are groups. */
export const StackFile = z.strictObject({
  region: z
    .strictObject({
      name: z
        .enum(regionNames, { error: `one of ${regionNames.join(", ")}` })
        .describe("The region of this stack: a row of regions.ts."),
      location: z
        .enum(locationNames, {
          error: `one of the region's locations: ${regionNames.map((name) => `${name} has ${regions[name].locations.join(" and ")}`).join(", ")}`,
        })
        .exactOptional()
        .describe("Hetzner location of every server; default: the region's first in regions.ts."),
      protect: z
        .boolean({ error: "true or false" })
        .default(true)
        .describe(
          "Keeps addresses, authorities and tokens from deletion. Set it to false, and bring the stack up, before you take the region down. Default: true.",
        ),
    })
    .describe("Which region this stack is."),
  domain: z
    .strictObject({
      name: dnsName.describe(
        "DNS name that the platform's names end in, such as live.example.com.",
      ),
      zone: dnsName.describe("Cloudflare zone that holds the name, such as example.com."),
      zoneId: z
        .string({ error: zoneIdRule })
        .regex(/^[0-9a-f]{32}$/, { error: zoneIdRule })
        .describe("Cloudflare's id of the zone: 32 hexadecimal digits on its overview page."),
    })
    .describe("Where the platform's names live."),
  access: z
    .strictObject({
      operatorCidrs: z
        .array(z.string({ error: "an IP range, such as 203.0.113.0/24" }), {
          error: "a list of IP ranges, such as [203.0.113.0/24]",
        })
        .min(1, { error: "a list of at least one IP range: nobody could reach the API" })
        .describe("IP ranges that may reach the Kubernetes API, in CIDR notation."),
      allowWorld: z
        .boolean({ error: "true or false" })
        .default(false)
        .describe("Permits operator ranges wider than /8, such as 0.0.0.0/0. Default: false."),
    })
    .describe("Who may reach the Kubernetes API."),
  acme: z
    .strictObject({
      environment: z
        .enum(["staging", "production"], { error: "one of staging, production" })
        .describe(
          "Let's Encrypt's environment. Staging has generous limits, and browsers do not trust its certificates.",
        ),
      email: z
        .email({ error: "an e-mail address, such as operations@example.com" })
        .describe("Where Let's Encrypt writes to when something is wrong with the account."),
    })
    .describe("Certificates."),
  underlay: z
    .strictObject({
      mtu: z
        .int({ error: mtuRule })
        .min(leastUnderlayMtu, { error: mtuRule })
        .max(mostUnderlayMtu, { error: mtuRule })
        .default(1500)
        .describe(
          "Bytes that the network between the nodes carries in one packet, the same in every region. Default: 1500.",
        ),
    })
    .prefault({})
    .describe("The network between the nodes of all regions."),
  machines: z
    .strictObject({
      replace: z
        .array(z.string({ error: "a server name, such as germany-media-1" }), {
          error: "a list of server names, such as [germany-media-1]",
        })
        .default([])
        .describe("Servers to replace in the next update, one a pool at most. Default: none."),
    })
    .prefault({})
    .describe("Wishes about single machines."),
  pools: z
    .strictObject({
      "control-plane": z
        .strictObject({
          type,
          count: z.literal([1, 3], { error: quorumRule }).describe("Number of servers: 1 or 3."),
        })
        .describe("Kubernetes control plane and etcd."),
      edge: pool.describe("Public entry: HTTP, TURN and other UDP."),
      media: pool.describe("Broadcaster and LiveKit."),
      ingest: pool.describe("RTMP and SRT ingest."),
      transcode: pool.describe("ABR and thumbnail jobs."),
      observability: pool.describe("Metrics, alerts and dashboards."),
    })
    .describe("Servers by pool; a pool is known by its name, so their order does not matter."),
  etcdBackup: z
    .strictObject({
      endpoint: z
        .string({ error: "a host name with an optional port, such as s3.example.com" })
        .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/, {
          error: "a host name with an optional port and without https://, such as s3.example.com",
        })
        .describe("Host of the S3 API, with an optional port; TLS is always used."),
      bucket: z
        .string({ error: "a bucket name" })
        .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, {
          error: "a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens",
        })
        .describe("Bucket, which must exist."),
      region: z
        .string({ error: "an S3 region, such as eu-central-1" })
        .regex(/^[a-z0-9][a-z0-9-]*$/, { error: "an S3 region, such as eu-central-1" })
        .describe("S3 region of the bucket, such as eu-central-1."),
    })
    .exactOptional()
    .describe("S3 store for etcd snapshots; without it snapshots stay on the servers."),
});

type StackFile = z.output<typeof StackFile>;

/** The checked settings of one stack, defaults filled in. */
export interface Settings extends Omit<StackFile, "region"> {
  readonly region: {
    readonly name: RegionName;
    readonly location: Location;
    readonly protect: boolean;
  };
}

/**
 * Checks the settings of a stack file and fills in defaults.
 * @param stack Name of the stack; only the messages use it.
 * @param raw Values of the file's `meridian:` keys, without that prefix.
 * @param encrypted Those keys that are stored encrypted. Left out, every secret counts as set and encrypted.
 * @throws RunError that lists every mistake, one a line.
 */
export function parseSettings(
  stack: string,
  raw: Readonly<Record<string, unknown>>,
  encrypted: ReadonlySet<string> = new Set(secretKeys),
): Settings {
  const groupNames = Object.keys(StackFile.shape);
  const groups = Object.fromEntries(
    Object.entries(raw).filter(([key]) => groupNames.includes(key) && !encrypted.has(key)),
  );
  const result = StackFile.safeParse(groups, { reportInput: true });
  const mistakes = [
    ...checkRegions().map((sentence) => `regions.ts: ${sentence}`),
    ...checkKeys({ stack, raw, encrypted, groupNames, secretKeys }),
    ...(result.success ? [] : shapeMistakes(StackFile, result.error, encrypted)),
    ...checkGroups(result.success ? result.data : (partsOf(StackFile, groups) ?? {})),
  ];
  if (mistakes.length > 0 || !result.success) {
    const number = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
    throw new pulumi.RunError(
      [`Pulumi.${stack}.yaml has ${number}:`, ...mistakes.map((line) => `  ${line}`)].join("\n"),
    );
  }
  const { name, location = regions[name].locations[0], protect } = result.data.region;
  return { ...result.data, region: { name, location, protect } };
}

/**
 * Reads and checks the current stack's settings. Call it once, before anything is registered.
 * @throws RunError that lists every mistake, one a line.
 */
export function readSettings(config = new pulumi.Config("meridian")): Settings {
  const prefix = `${config.name}:`;
  const raw: Record<string, unknown> = {};
  const encrypted = new Set<string>();
  for (const [key, text] of Object.entries(pulumi.runtime.allConfig())) {
    if (key.startsWith(prefix)) {
      const name = key.slice(prefix.length);
      raw[name] = decode(text);
      if (pulumi.runtime.isConfigSecret(key)) {
        encrypted.add(name);
      }
    }
  }
  return parseSettings(pulumi.getStack(), raw, encrypted);
}

/** Pulumi hands groups over as JSON and plain values as they are. */
function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
