/**
 * What Hetzner sells where and at what price, as dated data. It lets a wrong pair of type and location be refused before
 * anything is made, and gives the monthly estimate. Prices move (twice in 2026), so every one carries the day it was read.
 *
 * Sources. Types by location: capabilities.md 4.1 (2026-04-24). EU prices of ccx13 to ccx33: goals.md 4 (2026-10-28).
 * Other EU prices, memory, disks and EU traffic: the API's answer for hel1 that a public repository recorded on 2026-07-23;
 * Hetzner's list has one price for all of Germany and Finland. US prices: its price adjustment page as quoted on
 * 2026-07-03. Singapore's ccx13 and traffic: quoted second-hand in September 2026. Primary IPv4: quoted from the
 * price list of 2026-06-15. What no source gave is "unknown", and the estimate says so.
 */

/** Hetzner locations that the platform may use. */
export const locationNames = ["fsn1", "nbg1", "hil", "sin"] as const;

export type Location = (typeof locationNames)[number];

/** Where each location is and in which network zone. */
export const locations = {
  fsn1: { city: "Falkenstein", networkZone: "eu-central" },
  nbg1: { city: "Nuremberg", networkZone: "eu-central" },
  hil: { city: "Hillsboro, Oregon", networkZone: "us-west" },
  sin: { city: "Singapore", networkZone: "ap-southeast" },
} as const satisfies Record<Location, { city: string; networkZone: string }>;

/** An amount that was read on a day (ISO 8601, sometimes only the month), or "unknown" when no source gave it. */
export type Dated = { readonly value: number; readonly date: string } | "unknown";

/** Server types that the platform may use; the ccx family alone is sold in every location. */
export const serverTypeNames = [
  "ccx13",
  "ccx23",
  "ccx33",
  "ccx43",
  "ccx53",
  "ccx63",
  "cx23",
  "cx33",
  "cx43",
  "cx53",
  "cpx22",
] as const;

export type ServerTypeName = (typeof serverTypeNames)[number];

/** The size of a server type; the same in every location. Only amd64 types are listed: the pinned k3s binary is amd64. */
export interface ServerType {
  /** Virtual CPUs. */
  readonly cores: number;
  readonly memoryGib: number;
  /** Local NVMe disk. */
  readonly diskGb: number;
  /** Whether the CPUs are nobody else's; media wants that. */
  readonly dedicated: boolean;
}

export const serverTypes: Readonly<Record<ServerTypeName, ServerType>> = {
  ccx13: { cores: 2, memoryGib: 8, diskGb: 80, dedicated: true },
  ccx23: { cores: 4, memoryGib: 16, diskGb: 160, dedicated: true },
  ccx33: { cores: 8, memoryGib: 32, diskGb: 240, dedicated: true },
  ccx43: { cores: 16, memoryGib: 64, diskGb: 360, dedicated: true },
  ccx53: { cores: 32, memoryGib: 128, diskGb: 600, dedicated: true },
  ccx63: { cores: 48, memoryGib: 192, diskGb: 960, dedicated: true },
  cx23: { cores: 2, memoryGib: 4, diskGb: 40, dedicated: false },
  cx33: { cores: 4, memoryGib: 8, diskGb: 80, dedicated: false },
  cx43: { cores: 8, memoryGib: 16, diskGb: 160, dedicated: false },
  cx53: { cores: 16, memoryGib: 32, diskGb: 320, dedicated: false },
  cpx22: { cores: 2, memoryGib: 4, diskGb: 80, dedicated: false },
};

/** A server type on sale in a location. */
export interface Offer {
  /** EUR a month without VAT, the cap of the hourly price. */
  readonly monthlyEur: Dated;
  /** Outbound traffic included in a month, in TiB. */
  readonly includedTrafficTib: Dated;
  /** Day (ISO 8601) on which Hetzner refused new servers of this type here; remove it when that is over. */
  readonly soldOutSince?: string;
}

const on =
  (date: string) =>
  (value: number): Dated => ({ value, date });
const july = on("2026-07-23");
const october = on("2026-10-28");

const europe = {
  ccx13: { monthlyEur: october(42.99), includedTrafficTib: july(20) },
  ccx23: { monthlyEur: october(85.99), includedTrafficTib: july(20) },
  ccx33: { monthlyEur: october(138.49), includedTrafficTib: july(30) },
  ccx43: { monthlyEur: july(275.99), includedTrafficTib: july(40) },
  ccx53: { monthlyEur: july(533.49), includedTrafficTib: july(50) },
  ccx63: { monthlyEur: july(853.49), includedTrafficTib: july(60) },
  cx23: { monthlyEur: july(5.49), includedTrafficTib: july(20) },
  cx33: { monthlyEur: july(8.49), includedTrafficTib: july(20) },
  cx43: { monthlyEur: july(15.99), includedTrafficTib: july(20) },
  cx53: { monthlyEur: july(29.49), includedTrafficTib: july(20) },
  cpx22: { monthlyEur: july(19.49), includedTrafficTib: july(20) },
} satisfies Offers;

const unknown: Offer = { monthlyEur: "unknown", includedTrafficTib: "unknown" };

/** The types on sale in one location. */
export type Offers = Readonly<Partial<Record<ServerTypeName, Offer>>>;

/** Every location's offers. */
export type Catalogue = Readonly<Record<Location, Offers>>;

export const catalogue: Catalogue = {
  fsn1: europe,
  nbg1: europe,
  hil: {
    ccx13: unknown,
    ccx23: unknown,
    ccx33: { ...unknown, monthlyEur: on("2026-07-03")(140.99) },
    ccx43: { ...unknown, monthlyEur: on("2026-07-03")(279.49) },
    ccx53: unknown,
    ccx63: unknown,
  },
  sin: {
    ccx13: { ...unknown, monthlyEur: on("2026-09")(53.99) },
    ccx23: unknown,
    ccx33: unknown,
    ccx43: unknown,
    ccx53: unknown,
    ccx63: unknown,
    cpx22: unknown,
  },
};

/** EUR without VAT for each TB of outbound traffic beyond what is included. */
export const overageEurPerTb: Readonly<Record<Location, Dated>> = {
  fsn1: july(1),
  nbg1: july(1),
  hil: "unknown",
  sin: on("2026-09")(7.4),
};

/** EUR a month without VAT for one Primary IPv4 address, the same everywhere; billed attached or not. */
export const primaryIpv4MonthlyEur: Dated = on("2026-06-15")(0.5);

/**
 * Why servers of a type cannot be had in a location, as the second half of a sentence, or undefined when they can.
 */
export function refusal(
  type: ServerTypeName,
  location: Location,
  offers: Offers = catalogue[location],
): string | undefined {
  const offer = offers[type];
  const others = serverTypeNames.filter((name) => {
    const other = offers[name];
    return other !== undefined && other.soldOutSince === undefined;
  });
  if (offer === undefined) {
    return `is not sold in ${location}; sold there: ${others.join(", ")}`;
  }
  if (offer.soldOutSince !== undefined) {
    return `is sold out in ${location} since ${offer.soldOutSince}; to be had there: ${others.join(", ")}`;
  }
  return undefined;
}
