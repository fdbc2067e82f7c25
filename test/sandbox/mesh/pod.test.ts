import { expect, test } from "vitest";
import {
  expand,
  leadingPod,
  namedContents,
  type Pod,
  variables,
  volumeFiles,
} from "../../../sandbox/mesh/pod";

const contents = new Map([
  [
    "secret/cert",
    new Map([
      ["tls.crt", Buffer.from("certificate")],
      ["ca.crt", Buffer.from("ca")],
    ]),
  ],
  ["configMap/cilium-config", new Map([["cluster-name", Buffer.from("germany")]])],
]);

function pod(change: Partial<Pod["metadata"]>, phase = "Running"): Pod {
  const metadata = {
    name: "a",
    namespace: "kube-system",
    uid: "1",
    creationTimestamp: "2026-01-02T00:00:00Z",
  };
  return { metadata: { ...metadata, ...change }, spec: { containers: [] }, status: { phase } };
}

test("a projected volume has the chosen keys of each source under their new names", () => {
  const files = volumeFiles(
    {
      name: "secrets",
      projected: {
        sources: [
          { secret: { name: "cert", items: [{ key: "tls.crt", path: "client.crt" }] } },
          { configMap: { name: "cilium-config" } },
        ],
      },
    },
    contents,
  );
  expect(Object.fromEntries([...files].map(([name, content]) => [name, String(content)]))).toEqual({
    "client.crt": "certificate",
    "cluster-name": "germany",
  });
});

test("what is optional may be missing, anything else keeps the pod from starting", () => {
  const volume = (optional: boolean) => ({ name: "v", secret: { secretName: "none", optional } });
  expect(volumeFiles(volume(true), contents).size).toBe(0);
  expect(() => volumeFiles(volume(false), contents)).toThrow(
    "volume v: secret/none does not exist",
  );
  const noKey = { name: "v", secret: { secretName: "cert", items: [{ key: "x", path: "x" }] } };
  expect(() => volumeFiles(noKey, contents)).toThrow("volume v: secret/cert has no key x");
});

test("variables come from values, fields and ConfigMaps, and may name each other", () => {
  const container = {
    name: "etcd",
    env: [
      { name: "TOKEN", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
      {
        name: "CLUSTER",
        valueFrom: { configMapKeyRef: { name: "cilium-config", key: "cluster-name" } },
      },
      { name: "NONE", valueFrom: { configMapKeyRef: { name: "x", key: "x", optional: true } } },
      { name: "BOTH", value: "$(CLUSTER)-$(TOKEN)" },
    ],
  };
  expect(variables(container, pod({ uid: "u" }), contents)).toEqual({
    TOKEN: "u",
    CLUSTER: "germany",
    BOTH: "germany-u",
  });
});

test("an unknown variable and an escaped one stay as Kubernetes leaves them", () => {
  expect(expand("--a=$(A) --b=$(B) --c=$$(A)", { A: "1" })).toBe("--a=1 --b=$(B) --c=$(A)");
});

test("the oldest living pod stands for all replicas", () => {
  const older = pod({ name: "old", creationTimestamp: "2026-01-01T00:00:00Z" });
  expect(leadingPod([pod({ name: "new" }), older])?.metadata.name).toBe("old");
  const leaving = {
    ...older,
    metadata: { ...older.metadata, deletionTimestamp: "2026-01-03T00:00:00Z" },
  };
  expect(leadingPod([leaving, pod({ name: "new" })])?.metadata.name).toBe("new");
  expect(leadingPod([pod({}, "Pending")])).toBeUndefined();
});

test("all that a pod names is read, once", () => {
  const named = pod({});
  named.spec.volumes = [
    { name: "a", configMap: { name: "cilium-config" } },
    { name: "b", secret: { secretName: "cert" } },
  ];
  named.spec.containers = [
    {
      name: "c",
      env: [{ name: "X", valueFrom: { configMapKeyRef: { name: "cilium-config", key: "x" } } }],
    },
  ];
  expect(namedContents(named)).toEqual(["configMap/cilium-config", "secret/cert"]);
});
