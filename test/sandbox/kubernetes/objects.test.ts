import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { selectByPath } from "../../../sandbox/kubernetes/await/jsonPath";
import { parseWaitFor } from "../../../sandbox/kubernetes/await/waitFor";
import { mergeManagers } from "../../../sandbox/kubernetes/fieldManagers";
import {
  type KubernetesObject,
  objectId,
  parseId,
} from "../../../sandbox/kubernetes/kubernetesObject";
import { normalise, toProgramForm } from "../../../sandbox/kubernetes/normalise";
import { prune } from "../../../sandbox/kubernetes/prune";
import { parseQuantity } from "../../../sandbox/kubernetes/quantity";
import { parseToken } from "../../../sandbox/kubernetes/token";

describe("parseToken", () => {
  it.each([
    ["kubernetes:core/v1:Namespace", { apiVersion: "v1", kind: "Namespace" }],
    ["kubernetes:apps/v1:Deployment", { apiVersion: "apps/v1", kind: "Deployment" }],
    [
      "kubernetes:helm.cattle.io/v1:HelmChart",
      { apiVersion: "helm.cattle.io/v1", kind: "HelmChart" },
    ],
    ["kubernetes:core/v1:ServiceAccountPatch", { apiVersion: "v1", kind: "ServiceAccountPatch" }],
    ["kubernetes:example.com/v1:AllowList", { apiVersion: "example.com/v1", kind: "AllowList" }],
    ["kubernetes:core/v1:ConfigMapList", undefined],
    ["kubernetes:helm.sh/v3:Release", undefined],
    ["kubernetes:helm.sh/v4:Chart", undefined],
    ["kubernetes:yaml/v2:ConfigFile", undefined],
    ["kubernetes:yaml:ConfigFile", undefined],
  ])("%s", (token, expected) => expect(parseToken(token)).toEqual(expected));
});

describe("ids", () => {
  it.each([
    ["web/settings", { namespace: "web", name: "settings" }],
    ["system:admin", { name: "system:admin" }],
  ])("%s", (id, place) => {
    expect(parseId(id)).toEqual(place);
    expect(objectId({ apiVersion: "v1", kind: "X", metadata: place })).toBe(id);
  });
});

describe("normalise", () => {
  it("folds the text of a Secret into its data, text first", () => {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      data: { a: "eA ==", b: "eQ==" },
      stringData: { b: "z" },
    };
    expect(normalise(secret)).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      data: { a: "eA==", b: "eg==" },
    });
  });

  it("drops what only the server writes, and absent values", () => {
    expect(
      normalise({ metadata: { name: "a", uid: "x", resourceVersion: "1" }, spec: { a: null } }),
    ).toEqual({
      metadata: { name: "a" },
      spec: {},
    });
  });

  it("spells a schema's keys as the server does, and back", () => {
    const program = { kind: "X", spec: [{ x_kubernetes_list_type: "map", x_other: 1 }] };
    const server = { kind: "X", spec: [{ "x-kubernetes-list-type": "map", x_other: 1 }] };
    expect(normalise(program)).toEqual(server);
    expect(toProgramForm(server)).toEqual(program);
  });
});

describe("prune", () => {
  it("keeps of a live object what the inputs speak of", () => {
    const live = { spec: { a: 1, added: 2, list: [{ x: 1, y: 2 }, { x: 3 }] }, status: {} };
    expect(prune(live, { spec: { a: 0, gone: 1, list: [{ x: 0 }] } })).toEqual({
      spec: { a: 1, list: [{ x: 1 }] },
    });
  });

  it("gives the inputs back when nobody changed anything", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (inputs) => {
        expect(prune({ added: 1, ...inputs }, inputs)).toEqual(inputs);
      }),
    );
  });
});

describe("parseQuantity", () => {
  it.each([
    ["500m", 0.5],
    ["0.5", 0.5],
    ["1Gi", 1073741824],
    ["1024Mi", 1073741824],
    ["1e3", 1000],
    ["1k", 1000],
    [2, 2],
    ["12E", 12e18],
    ["web", undefined],
    ["", undefined],
    ["1.2.3", undefined],
  ])("%s is %s", (text, amount) => expect(parseQuantity(text)).toBe(amount));
});

describe("mergeManagers", () => {
  const owner = (
    manager: string,
    operation: "Apply" | "Update",
    fields: string[],
    subresource?: string,
  ) => ({
    manager,
    operation,
    apiVersion: "v1",
    ...(subresource && { subresource }),
    fieldsV1: { "f:spec": Object.fromEntries(fields.map((field) => [`f:${field}`, {}])) },
  });

  it("gives what creation and kubectl own to the provider, and nothing else", () => {
    const status = owner("pulumi-kubernetes", "Update", ["z"], "status");
    const theirs = owner("autoscaler", "Update", ["replicas"]);
    const owners = [
      owner("pulumi-kubernetes", "Update", ["a"]),
      owner("kubectl", "Apply", ["b"]),
      theirs,
      status,
      owner("ours", "Apply", ["c"]),
    ];
    expect(mergeManagers(owners, "ours", "v1")).toEqual([
      { ...owner("ours", "Apply", ["c", "a", "b"]), fieldsType: "FieldsV1" },
      theirs,
      status,
    ]);
  });
});

describe("selectByPath", () => {
  const value = {
    status: {
      phase: "Ready",
      conditions: [
        { type: "A", status: "False" },
        { type: "Ready", status: "True" },
      ],
    },
    metadata: { labels: { "a.b/c": "x" } },
  };
  it.each([
    [".status.phase", ["Ready"]],
    ["$.status.conditions[0].type", ["A"]],
    [".status.conditions[-1].type", ["Ready"]],
    [".status.conditions[*].type", ["A", "Ready"]],
    ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
    [".metadata.labels['a.b/c']", ["x"]],
    [".status.missing.deeper", []],
  ])("%s", (path, expected) => expect(selectByPath(value, path)).toEqual(expected));

  it("names what it cannot read", () => {
    expect(() => selectByPath(value, ".status..phase")).toThrow('cannot read "..phase"');
  });
});

describe("parseWaitFor", () => {
  const live = {
    apiVersion: "v1",
    kind: "X",
    metadata: {},
    status: {
      phase: "Ready",
      replicas: 3,
      list: [],
      conditions: [{ type: "Done", status: "False" }],
    },
  } satisfies KubernetesObject;
  it.each([
    ["jsonpath={.status.phase}", true],
    ["jsonpath={.status.phase}=Ready", true],
    ["jsonpath={.status.replicas}=3", true],
    ["jsonpath={.status.replicas}=4", false],
    ["jsonpath={.status.list}", true],
    ["jsonpath={.status.other}", false],
    ["condition=Done", false],
    ["condition=Done=false", true],
    ['["jsonpath={.status.phase}", "condition=Done"]', false],
  ])("%s", async (text, expected) => {
    const readiness = await parseWaitFor(text)(live, undefined as never, undefined);
    expect(readiness.ready).toBe(expected);
  });
});
