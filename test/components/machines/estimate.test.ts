import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serverTypeNames } from "../../../components/machines/catalogue";
import { estimate, estimateText } from "../../../components/machines/estimate";

const footprint = {
  "control-plane": { type: "ccx13", count: 3 },
  edge: { type: "ccx13", count: 2 },
  media: { type: "ccx23", count: 2 },
} as const;

describe("the monthly estimate", () => {
  it("adds servers and addresses, and dates every price", () => {
    expect(estimateText(estimate(footprint, "fsn1"))).toEqual([
      "Monthly estimate for fsn1, list prices without VAT",
      "3 x ccx13 (control-plane): 128.97 EUR (42.99 EUR each, 2026-10-28)",
      "2 x ccx13 (edge): 85.98 EUR (42.99 EUR each, 2026-10-28)",
      "2 x ccx23 (media): 171.98 EUR (85.99 EUR each, 2026-10-28)",
      "7 x Primary IPv4 address: 3.50 EUR (0.50 EUR each, 2026-06-15)",
      "Sum: 390.43 EUR",
      "Included outbound traffic: 140 TiB over all servers; each further TB 1.00 EUR (2026-07-23)",
    ]);
  });

  it("says what it does not know instead of inventing it", () => {
    const result = estimate(footprint, "sin");
    expect(result.unknown).toEqual(["ccx23 (media)"]);
    expect(result.includedTrafficTib).toBe("unknown");
    expect(estimateText(result)).toEqual([
      "Monthly estimate for sin, list prices without VAT",
      "3 x ccx13 (control-plane): 161.97 EUR (53.99 EUR each, 2026-09)",
      "2 x ccx13 (edge): 107.98 EUR (53.99 EUR each, 2026-09)",
      "2 x ccx23 (media): price unknown",
      "7 x Primary IPv4 address: 3.50 EUR (0.50 EUR each, 2026-06-15)",
      "Sum: 273.45 EUR, plus what is unknown: ccx23 (media)",
      "Included outbound traffic: amount unknown; each further TB 7.40 EUR (2026-09)",
    ]);
    expect(estimateText(estimate(footprint, "hil")).at(-1)).toBe(
      "Included outbound traffic: amount unknown; price of more unknown",
    );
  });

  it("counts whole cents and never less for one more server", () => {
    const size = fc.record({
      type: fc.constantFrom(...serverTypeNames),
      count: fc.integer({ min: 1, max: 99 }),
    });
    fc.assert(
      fc.property(size, ({ type, count }) => {
        const now = estimate({ media: { type, count } }, "nbg1");
        const more = estimate({ media: { type, count: count + 1 } }, "nbg1");
        expect(now.knownEur).toBe(Number(now.knownEur.toFixed(2)));
        expect(more.knownEur).toBeGreaterThan(now.knownEur);
      }),
    );
  });
});
