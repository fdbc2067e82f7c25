import * as fc from "fast-check";
import { expect, test } from "vitest";
import { contains, parseCidr } from "../../cidr";
import { regions } from "../../regions";
import { anyAddress } from "../../verify/probe";

test("the address is inside the pod range and another one each time", () => {
  for (const { podCidr } of Object.values(regions)) {
    const range = parseCidr(podCidr);
    const drawn = new Set(Array.from({ length: 20 }, () => anyAddress(podCidr)));
    expect(drawn.size).toBeGreaterThan(1);
    for (const address of drawn) {
      const single = parseCidr(`${address}/32`);
      expect(range && single && contains(range, single), address).toBe(true);
    }
  }
});

test("neither the first nor the last address of the range is drawn", () => {
  expect(anyAddress("10.101.0.0/16", (from) => from)).toBe("10.101.0.1");
  expect(anyAddress("10.101.0.0/16", (_from, below) => below - 1)).toBe("10.101.255.254");
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 16 - 2 }), (offset) => {
      expect(anyAddress("10.101.0.0/16", () => offset)).toBe(
        `10.101.${Math.floor(offset / 256)}.${offset % 256}`,
      );
    }),
  );
});
