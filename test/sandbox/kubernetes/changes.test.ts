import { describe, expect, it } from "vitest";
import { compareObjects, pathText } from "../../../sandbox/kubernetes/changes";
import { unknown } from "../../../sandbox/provider/resourceType";

const options = { builtIn: true, replacing: [], ignore: [] };

describe("compareObjects", () => {
  it("names each changed path by what happened to it", () => {
    const before = { spec: { a: 1, b: [{ c: 1 }, { c: 2 }], gone: "x" } };
    const after = { spec: { a: 2, b: [{ c: 1 }, { c: 3 }], new: "y" } };
    expect(compareObjects(before, after, options)).toEqual({
      "spec.a": { kind: "update", replace: false },
      "spec.b[1].c": { kind: "update", replace: false },
      "spec.gone": { kind: "delete", replace: false },
      "spec.new": { kind: "add", replace: false },
    });
  });

  it("takes an unknown value for a change", () => {
    expect(compareObjects({ spec: { a: 1 } }, { spec: { a: unknown } }, options)).toEqual({
      "spec.a": { kind: "update", replace: false },
    });
  });

  it("forgives a built-in kind that it leaves empty values out, and a custom one not", () => {
    const after = { spec: { hostNetwork: false, tolerations: [], securityContext: {} } };
    expect(compareObjects({ spec: {} }, after, options)).toEqual({});
    const custom = compareObjects({ spec: {} }, after, { ...options, builtIn: false });
    expect(Object.keys(custom)).toHaveLength(3);
  });

  it("does not take a value that was switched off for an empty one", () => {
    const changes = compareObjects(
      { spec: { hostNetwork: true } },
      { spec: { hostNetwork: false } },
      options,
    );
    expect(changes).toEqual({ "spec.hostNetwork": { kind: "update", replace: false } });
  });

  it("knows the same amount in another spelling", () => {
    const container = (cpu: unknown, memory: string) => ({
      spec: { containers: [{ resources: { limits: { cpu, memory } } }] },
    });
    expect(compareObjects(container("500m", "1Gi"), container("0.5", "1024Mi"), options)).toEqual(
      {},
    );
    expect(compareObjects(container("2", "1Gi"), container(2, "1Gi"), options)).toEqual({});
    expect(
      Object.keys(compareObjects(container("500m", "1Gi"), container("0.5", "1G"), options)),
    ).toEqual(["spec.containers[0].resources.limits.memory"]);
  });

  it("leaves ignored paths out, and only these", () => {
    const before = { spec: { replicas: 2, replicasMax: 2, template: { a: 1 } } };
    const after = { spec: { replicas: 3, replicasMax: 3, template: { a: 2 } } };
    const ignore = ["spec.replicas", "spec.template"];
    expect(Object.keys(compareObjects(before, after, { ...options, ignore }))).toEqual([
      "spec.replicasMax",
    ]);
  });
});

describe("pathText", () => {
  it.each([
    [["metadata", "labels", "a.b/c"], 'metadata.labels["a.b/c"]'],
    [["spec", "ports", 0, "port"], "spec.ports[0].port"],
    [["data", "app-config"], "data.app-config"],
  ])("%j reads %s", (path, text) => expect(pathText(path)).toBe(text));
});
