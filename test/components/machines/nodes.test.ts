import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  nodeLabels,
  nodeTaints,
  placementGroupOf,
  placementGroups,
  placementGroupSize,
  poolNodes,
  regionNodes,
} from "../../../components/machines/nodes";

const type = "ccx13";
const count = fc.integer({ min: 1, max: 100 });

describe("names", () => {
  it("are region, pool and number from 1", () => {
    expect(poolNodes("us-west", "control-plane", 3).map(({ name }) => name)).toEqual([
      "us-west-control-plane-1",
      "us-west-control-plane-2",
      "us-west-control-plane-3",
    ]);
  });

  it("stay when the pool grows", () => {
    fc.assert(
      fc.property(count, count, (one, other) => {
        const [small, large] = [Math.min(one, other), Math.max(one, other)];
        const before = poolNodes("germany", "media", small);
        expect(poolNodes("germany", "media", large).slice(0, small)).toEqual(before);
      }),
    );
  });

  it("stay when other pools come, go or change places", () => {
    const media = (pools: Parameters<typeof regionNodes>[1]) =>
      regionNodes("germany", pools).filter(({ pool }) => pool === "media");
    const alone = media({ media: { type, count: 2 } });
    expect(media({ edge: { type, count: 1 }, media: { type, count: 2 } })).toEqual(alone);
    expect(media({ media: { type, count: 2 }, edge: { type, count: 9 } })).toEqual(alone);
  });
});

describe("placement groups", () => {
  it.each([
    [1, 1],
    [10, 1],
    [11, 2],
    [20, 2],
    [21, 3],
  ])("server %i stands in group %i", (number, group) => {
    expect(placementGroupOf(number)).toBe(group);
  });

  it("hold ten servers at most, and every server finds its group", () => {
    fc.assert(
      fc.property(count, (size) => {
        const members = poolNodes("germany", "media", size).map(({ number }) =>
          placementGroupOf(number),
        );
        for (const group of placementGroups(size)) {
          const inGroup = members.filter((member) => member === group).length;
          expect(inGroup).toBeGreaterThan(0);
          expect(inGroup).toBeLessThanOrEqual(placementGroupSize);
        }
        expect(members.every((member) => placementGroups(size).includes(member))).toBe(true);
      }),
    );
  });
});

it("labels a node with region, pool and location", () => {
  expect(nodeLabels("singapore", "sin", "media")).toEqual({
    "meridian.dev/region": "singapore",
    "meridian.dev/pool": "media",
    "topology.kubernetes.io/region": "sin",
  });
});

it.each([
  ["the control plane beside others", "control-plane", ["control-plane", "edge"], 1],
  ["the control plane alone", "control-plane", ["control-plane", "control-plane"], 0],
  ["another pool", "edge", ["control-plane", "edge"], 0],
])("taints only a control plane that is not alone: %s", (_, pool, pools, taints) => {
  expect(nodeTaints(pool, pools)).toHaveLength(taints);
});
