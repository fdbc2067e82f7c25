import { catalogue, overageEurPerTb, primaryIpv4MonthlyEur } from "./catalogue";
import type { Catalogue, Dated, Location, ServerTypeName } from "./catalogue";

/** How many servers of which type a pool has. */
export interface PoolSize {
  readonly type: ServerTypeName;
  readonly count: number;
}

/** One row of the estimate. */
export interface EstimateLine {
  /** What is paid for, such as "ccx13 (edge)". */
  readonly item: string;
  readonly count: number;
  /** EUR a month without VAT for one. */
  readonly price: Dated;
}

/** What the machines of one region cost in a month. Amounts are EUR without VAT. */
export interface Estimate {
  readonly location: Location;
  readonly lines: readonly EstimateLine[];
  /** Sum of the lines whose price is known: the whole cost only if `unknown` is empty. */
  readonly knownEur: number;
  /** Items whose price no source gave. */
  readonly unknown: readonly string[];
  /** Outbound traffic that the servers include together, in TiB, or "unknown" when it is so for one of them. */
  readonly includedTrafficTib: number | "unknown";
  /** EUR for each further TB of outbound traffic. */
  readonly overageEurPerTb: Dated;
}

/**
 * Adds up the list prices of a region's servers and addresses. Every server has one Primary IPv4 address. Traffic beyond
 * the included amount is not in the sum: it depends on viewers.
 */
export function estimate(
  pools: Readonly<Record<string, PoolSize>>,
  location: Location,
  prices: Catalogue = catalogue,
): Estimate {
  const sizes = Object.entries(pools);
  const offers = prices[location];
  const servers = sizes.map(([pool, { type, count }]) => ({
    item: `${type} (${pool})`,
    count,
    price: offers[type]?.monthlyEur ?? "unknown",
  }));
  const count = sizes.reduce((sum, [, size]) => sum + size.count, 0);
  const lines: EstimateLine[] = [
    ...servers,
    { item: "Primary IPv4 address", count, price: primaryIpv4MonthlyEur },
  ];
  return {
    location,
    lines,
    knownEur: cents(lines.reduce((sum, line) => sum + (lineEur(line) ?? 0), 0)),
    unknown: lines.filter(({ price }) => price === "unknown").map(({ item }) => item),
    includedTrafficTib: sizes.reduce<number | "unknown">((sum, [, size]) => {
      const each = offers[size.type]?.includedTrafficTib ?? "unknown";
      return sum === "unknown" || each === "unknown" ? "unknown" : sum + each.value * size.count;
    }, 0),
    overageEurPerTb: overageEurPerTb[location],
  };
}

/** The estimate as lines for people. Every number comes with the day it was read. */
export function estimateText(of: Estimate): string[] {
  const rest = of.unknown.length === 0 ? "" : `, plus what is unknown: ${of.unknown.join(", ")}`;
  const traffic =
    of.includedTrafficTib === "unknown"
      ? "amount unknown"
      : `${of.includedTrafficTib} TiB over all servers`;
  const overage =
    of.overageEurPerTb === "unknown"
      ? "price of more unknown"
      : `each further TB ${euros(of.overageEurPerTb.value)} (${of.overageEurPerTb.date})`;
  return [
    `Monthly estimate for ${of.location}, list prices without VAT`,
    ...of.lines.map((line) => `${line.count} x ${line.item}: ${priceText(line)}`),
    `Sum: ${euros(of.knownEur)}${rest}`,
    `Included outbound traffic: ${traffic}; ${overage}`,
  ];
}

function priceText(line: EstimateLine): string {
  const sum = lineEur(line);
  return line.price === "unknown" || sum === undefined
    ? "price unknown"
    : `${euros(sum)} (${euros(line.price.value)} each, ${line.price.date})`;
}

function lineEur({ count, price }: EstimateLine): number | undefined {
  return price === "unknown" ? undefined : count * price.value;
}

/** Rounds away what adding binary fractions leaves behind. */
function cents(eur: number): number {
  return Math.round(eur * 100) / 100;
}

function euros(eur: number): string {
  return `${eur.toFixed(2)} EUR`;
}
