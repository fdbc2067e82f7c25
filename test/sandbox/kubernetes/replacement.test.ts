import { describe, expect, it } from "vitest";
import { compareObjects } from "../../../sandbox/kubernetes/changes";
import { replacingPlaces } from "../../../sandbox/kubernetes/replacement";

const immutable = { enableConfigMapMutable: false, enableSecretMutable: false };
const mutable = { enableConfigMapMutable: true, enableSecretMutable: true };
const object = (apiVersion: string, kind: string, rest: object) => ({ apiVersion, kind, ...rest });

function replaced(
  apiVersion: string,
  kind: string,
  before: object,
  after: object,
  settings = immutable,
) {
  const news = object(apiVersion, kind, after);
  const replacing = replacingPlaces(news, settings);
  const changes = compareObjects(object(apiVersion, kind, before), news, {
    builtIn: true,
    replacing,
    ignore: [],
  });
  expect(Object.keys(changes)).not.toEqual([]);
  return Object.values(changes).some(({ replace }) => replace);
}

describe("what replaces an object", () => {
  it.each([
    ["v1", "ConfigMap", { metadata: { name: "a" } }, { metadata: { name: "b" } }],
    ["example.com/v1", "Thing", { metadata: { namespace: "a" } }, { metadata: { namespace: "b" } }],
    ["v1", "ConfigMap", { data: { a: "1" } }, { data: { a: "2" } }],
    ["v1", "Secret", { data: { a: "1" } }, { data: { a: "1", b: "2" } }],
    ["v1", "Secret", { type: "Opaque" }, { type: "kubernetes.io/tls" }],
    ["v1", "Service", { spec: { clusterIP: "10.0.0.1" } }, { spec: { clusterIP: "10.0.0.2" } }],
    [
      "v1",
      "Pod",
      { spec: { containers: [{ image: "a" }] } },
      { spec: { containers: [{ image: "b" }] } },
    ],
    [
      "v1",
      "PersistentVolumeClaim",
      { spec: { accessModes: ["a"] } },
      { spec: { accessModes: ["b"] } },
    ],
    [
      "apps/v1",
      "Deployment",
      { spec: { selector: { matchLabels: { a: "1" } } } },
      { spec: { selector: { matchLabels: { a: "2" } } } },
    ],
    ["apps/v1", "StatefulSet", { spec: { serviceName: "a" } }, { spec: { serviceName: "b" } }],
    ["batch/v1", "Job", { spec: { template: { x: 1 } } }, { spec: { template: { x: 2 } } }],
    [
      "rbac.authorization.k8s.io/v1",
      "RoleBinding",
      { roleRef: { name: "a" } },
      { roleRef: { name: "b" } },
    ],
    ["storage.k8s.io/v1", "StorageClass", { parameters: { a: "1" } }, { parameters: {} }],
  ])("%s %s: %j to %j", (apiVersion, kind, before, after) => {
    expect(replaced(apiVersion, kind, before, after)).toBe(true);
  });

  it.each([
    ["v1", "ConfigMap", { metadata: { labels: { a: "1" } } }, { metadata: { labels: { a: "2" } } }],
    ["v1", "Pod", { spec: { activeDeadlineSeconds: 1 } }, { spec: { activeDeadlineSeconds: 2 } }],
    [
      "v1",
      "PersistentVolumeClaim",
      { spec: { resources: { requests: { storage: "1Gi" } } } },
      { spec: { resources: { requests: { storage: "2Gi" } } } },
    ],
    ["v1", "Service", { spec: { type: "ClusterIP" } }, { spec: { type: "NodePort" } }],
    ["apps/v1", "Deployment", { spec: { replicas: 1 } }, { spec: { replicas: 2 } }],
    ["apps/v1", "StatefulSet", { spec: { template: { x: 1 } } }, { spec: { template: { x: 2 } } }],
    [
      "batch/v1",
      "CronJob",
      { spec: { jobTemplate: { x: 1 } } },
      { spec: { jobTemplate: { x: 2 } } },
    ],
  ])("nothing for %s %s: %j to %j", (apiVersion, kind, before, after) => {
    expect(replaced(apiVersion, kind, before, after)).toBe(false);
  });

  it("spares the data of ConfigMaps and Secrets that the provider calls mutable", () => {
    for (const kind of ["ConfigMap", "Secret"]) {
      const [before, after] = [{ data: { a: "1" } }, { data: { a: "2" } }];
      expect(replaced("v1", kind, before, after, mutable)).toBe(false);
      expect(replaced("v1", kind, before, { ...after, immutable: true }, mutable)).toBe(true);
    }
  });
});
