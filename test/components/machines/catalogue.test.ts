import { describe, expect, it } from "vitest";
import {
  catalogue,
  locationNames,
  overageEurPerTb,
  primaryIpv4MonthlyEur,
  refusal,
  serverTypeNames,
  serverTypes,
} from "../../../components/machines/catalogue";
import { regions } from "../../../regions";
import type { Dated } from "../../../components/machines/catalogue";

describe("the catalogue", () => {
  it("sells every ccx type in every location of every region", () => {
    const dedicated = serverTypeNames.filter((type) => serverTypes[type].dedicated);
    expect(dedicated).toHaveLength(6);
    for (const location of Object.values(regions).flatMap((row) => row.locations)) {
      expect(dedicated.filter((type) => refusal(type, location) !== undefined)).toEqual([]);
    }
  });

  it("dates every amount that it knows, and none is free", () => {
    const amounts: Dated[] = [
      primaryIpv4MonthlyEur,
      ...Object.values(overageEurPerTb),
      ...locationNames.flatMap((location) =>
        Object.values(catalogue[location]).flatMap((offer) => [
          offer.monthlyEur,
          offer.includedTrafficTib,
        ]),
      ),
    ];
    const known = amounts.filter((amount) => amount !== "unknown");
    expect(known.length).toBeGreaterThan(40);
    for (const { value, date } of known) {
      expect(value).toBeGreaterThan(0);
      expect(date).toMatch(/^2026-\d\d(-\d\d)?$/);
    }
  });

  it("holds the list prices that goals.md section 4 gives for 2026-10-28", () => {
    const { ccx13, ccx23, ccx33 } = catalogue.fsn1;
    const prices = [ccx13, ccx23, ccx33].map((offer) => offer?.monthlyEur);
    expect(prices).toEqual([42.99, 85.99, 138.49].map((value) => ({ value, date: "2026-10-28" })));
  });
});

describe("a refusal", () => {
  it("names what is sold instead of a type that a location does not have", () => {
    expect(refusal("cx23", "hil")).toBe(
      "is not sold in hil; sold there: ccx13, ccx23, ccx33, ccx43, ccx53, ccx63",
    );
  });

  it("says since when a type is sold out and what is to be had", () => {
    const offer = { monthlyEur: "unknown", includedTrafficTib: "unknown" } as const;
    const offers = { ccx13: { ...offer, soldOutSince: "2026-10-01" }, ccx23: offer };
    expect(refusal("ccx13", "fsn1", offers)).toBe(
      "is sold out in fsn1 since 2026-10-01; to be had there: ccx23",
    );
    expect(refusal("ccx23", "fsn1", offers)).toBeUndefined();
  });
});
