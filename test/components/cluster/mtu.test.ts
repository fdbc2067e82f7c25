import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { podMtu } from "../../../components/cluster/mtu";

describe("what is left for pods", () => {
  it.each([
    ["an ordinary network", 1500, 1370],
    ["a Hetzner private network", 1450, 1320],
    ["the least that fits", 1410, 1280],
    ["jumbo frames", 9000, 8870],
  ])("on %s", (_, underlay, pods) => {
    expect(podMtu(underlay)).toBe(pods);
  });

  it("always fits into the underlay with all that is put around it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1410, max: 9000 }), (underlay) => {
        expect(podMtu(underlay)).toBeGreaterThanOrEqual(1280);
        expect(podMtu(underlay) + 80 + 50).toBeLessThanOrEqual(underlay);
      }),
    );
  });
});

describe("an MTU that cannot fit", () => {
  it.each([1409, 1280, 0, -1, 9001, 1450.5, Number.NaN])("of %s is refused", (underlay) => {
    expect(() => podMtu(underlay)).toThrow(
      `the MTU of the network between the nodes must be a whole number from 1410 to 9000 bytes, because encryption and the tunnel take 130 of it; got ${underlay}`,
    );
  });
});
