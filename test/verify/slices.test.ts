import { expect, test } from "vitest";
import { readEvent, Slices, type Slice } from "../../verify/slices";

const slice = (
  name: string,
  source: string,
  endpoints: NonNullable<Slice["endpoints"]> | null,
): Slice => ({
  metadata: {
    name,
    labels: {
      "endpointslice.kubernetes.io/managed-by": "endpointslice-mesh-controller.cilium.io",
      "multicluster.kubernetes.io/source-cluster": source,
    },
  },
  endpoints,
});

const address = [{ addresses: ["10.101.7.7"] }];

test("a region is known by its Service before it has an endpoint", () => {
  const slices = new Slices();
  expect(slices.knows("germany")).toBe(false);
  slices.apply({ type: "ADDED", object: slice("probe-germany-x", "germany", null) });
  expect(slices.knows("germany")).toBe(true);
  expect(slices.of("germany")).toEqual([]);
});

test("an address comes with a change and goes with the next, or with its slice", () => {
  const slices = new Slices();
  slices.apply({ type: "MODIFIED", object: slice("probe-germany-x", "germany", address) });
  expect(slices.of("germany")).toEqual(["10.101.7.7"]);
  expect(slices.of("us-west")).toEqual([]);
  slices.apply({ type: "MODIFIED", object: slice("probe-germany-x", "germany", []) });
  expect(slices.of("germany")).toEqual([]);
  slices.apply({ type: "MODIFIED", object: slice("probe-germany-x", "germany", address) });
  slices.apply({ type: "DELETED", object: slice("probe-germany-x", "germany", address) });
  expect(slices.shown()).toEqual([]);
});

test("only what the mesh has brought counts as another region's", () => {
  const slices = new Slices();
  const own = { metadata: { name: "probe", labels: {} }, endpoints: address };
  slices.apply({ type: "ADDED", object: own });
  expect(slices.has("probe")).toBe(true);
  expect(slices.shown()).toEqual([]);
  slices.forget();
  expect(slices.has("probe")).toBe(false);
});

test("a bookmark or an error of the watch changes nothing", () => {
  const slices = new Slices();
  slices.apply({ type: "BOOKMARK", object: slice("x", "germany", address) });
  expect(slices.shown()).toEqual([]);
});

test("of a watch's lines only those that speak of a slice are read", () => {
  const object = slice("probe-germany-x", "germany", address);
  expect(readEvent(JSON.stringify({ type: "ADDED", object }))).toEqual({ type: "ADDED", object });
  const end = { type: "ERROR", object: { kind: "Status", metadata: {}, code: 410 } };
  expect(readEvent(JSON.stringify(end))).toBeUndefined();
  expect(readEvent("Error from server")).toBeUndefined();
});
