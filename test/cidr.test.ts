import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contains, hasHostBits, overlaps, parseCidr } from "../cidr";
import type { Cidr } from "../cidr";

function read(text: string): Cidr {
  const range = parseCidr(text);
  if (range === undefined) {
    throw new Error(`${text} is not a range`);
  }
  return range;
}

const ipv4Range = fc
  .tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
  .map(([address, prefix]) => `${address}/${prefix}`);

describe("a range", () => {
  it.each([
    "",
    "203.0.113.0",
    "203.0.113.0/33",
    "203.0.113/24",
    "0x0a.0.0.0/8",
    "10.0.0.0/-1",
    "2001:db8::/129",
    "fe80::%eth0/64",
    "example.com/24",
    "10.0.0.0/8 ",
  ])("is not %j", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  it.each([
    ["203.0.113.7/24", "203.0.113.0/24"],
    ["203.0.113.7/32", "203.0.113.7/32"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:db8::7/64", "2001:db8::/64"],
    ["::/0", "::/0"],
  ])("%s belongs to the network %s", (text, network) => {
    const range = read(text);
    expect(range.network).toBe(network);
    expect(hasHostBits(range)).toBe(text !== network);
  });

  it("without host bits is its own network, whatever it was written as", () => {
    fc.assert(
      fc.property(ipv4Range, (text) => {
        const network = read(read(text).network);
        expect(hasHostBits(network)).toBe(false);
        expect(network.network).toBe(network.text);
      }),
    );
  });
});

describe("two ranges", () => {
  it.each([
    ["10.96.0.0/11", "10.101.0.0/16", true],
    ["10.101.0.0/16", "10.96.0.0/11", false],
    ["10.101.0.0/16", "10.101.0.0/16", true],
    ["10.101.0.0/16", "10.102.0.0/16", false],
    ["0.0.0.0/0", "::/0", false],
    ["2001:db8::/32", "2001:db8:1::/48", true],
  ])("%s contains %s: %s", (outer, inner, expected) => {
    expect(contains(read(outer), read(inner))).toBe(expected);
  });

  it("overlap whichever is named first, and exactly when one of their networks holds the other's first address", () => {
    fc.assert(
      fc.property(ipv4Range, ipv4Range, (one, other) => {
        const [left, right] = [read(read(one).network), read(read(other).network)];
        const shared =
          contains(left, read(`${right.address.toString()}/32`)) ||
          contains(right, read(`${left.address.toString()}/32`));
        expect(overlaps(left, right)).toBe(shared);
        expect(overlaps(right, left)).toBe(shared);
      }),
    );
  });
});
