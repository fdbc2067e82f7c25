import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Cluster, clusterOf } from "../../../sandbox/kubernetes/cluster";
import { annotation, textAt, valueAt } from "../../../sandbox/kubernetes/kubernetesObject";
import { PartialFailure, type Properties } from "../../../sandbox/provider/resourceType";
import { Resource, unwrap } from "./resource";
import { type ControlPlane, startControlPlane } from "../../support/controlPlane";

let plane: ControlPlane;
let cluster: Cluster;
let namespace: string;
let count = 0;

beforeAll(async () => {
  plane = await startControlPlane("127.99.0.1");
  cluster = clusterOf({ config: { kubeconfig: plane.kubeconfig } })!;
});

afterAll(() => plane.stop());

beforeEach(async () => {
  namespace = `test-${++count}`;
  await cluster.create(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    { fieldManager: "test" },
  );
});

const newResource = (token: string, settings: Properties = {}) =>
  new Resource(token, { kubeconfig: plane.kubeconfig, ...settings });

const configMap = (data: Properties, metadata: Properties = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace, ...metadata },
  data,
});

const deployment = (
  spec: Properties = {},
  podSpec: Properties = {},
  annotations: Properties = {},
) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace, annotations },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        hostNetwork: false,
        containers: [
          {
            name: "web",
            image: "example.com/web:1",
            resources: { requests: { cpu: "0.25", memory: "1024Mi" } },
          },
        ],
        ...podSpec,
      },
    },
    ...spec,
  },
});

const live = (kind: string, name: string, apiVersion = "v1") =>
  cluster.get({ apiVersion, kind, namespace, name });

/** Changes the ConfigMap as a person at the keyboard would. */
const byHand = (operations: Properties[]) =>
  cluster.patch(
    { apiVersion: "v1", kind: "ConfigMap", namespace, name: "settings" },
    operations,
    "person",
  );

describe("creation", () => {
  it("makes the object, and an unchanged program plans nothing", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap");
    const outputs = await resource.create(configMap({ a: "1" }));
    expect(resource.state!.id).toBe(`${namespace}/settings`);
    expect(outputs["__fieldManager"]).toMatch(/^pulumi-kubernetes-[0-9a-f]{8}$/);
    expect(outputs["__initialApiVersion"]).toBe("v1");
    expect(valueAt(outputs, "metadata", "managedFields")).toBeUndefined();
    expect((await live("ConfigMap", "settings"))!["data"]).toEqual({ a: "1" });
    expect((await resource.diff(configMap({ a: "1" }))).changes).toEqual({});
  });

  it("refuses an object that exists unless the provider may take it over", async () => {
    await newResource("kubernetes:core/v1:ConfigMap").create(configMap({ a: "1" }));
    const second = newResource("kubernetes:core/v1:ConfigMap");
    await expect(second.create(configMap({ a: "1" }))).rejects.toThrow(
      `ConfigMap ${namespace}/settings exists in the cluster but not in this stack`,
    );
    const upsert = newResource("kubernetes:core/v1:ConfigMap", { upsertExistingObjects: "true" });
    expect((await upsert.create(configMap({ a: "1", b: "2" })))["data"]).toEqual({
      a: "1",
      b: "2",
    });
  });

  it("puts a custom resource in as soon as its definition of the same update is served", async () => {
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "charts.helm.example.com" },
      spec: {
        group: "helm.example.com",
        scope: "Namespaced",
        names: { plural: "charts", singular: "chart", kind: "Chart" },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: "object",
                properties: {
                  spec: { type: "object", x_kubernetes_preserve_unknown_fields: true },
                },
              },
            },
          },
        ],
      },
    };
    const chart = {
      apiVersion: "helm.example.com/v1",
      kind: "Chart",
      metadata: { name: "web", namespace },
      spec: { values: { replicas: 2 } },
    };
    const early = newResource("kubernetes:helm.example.com/v1:Chart");
    expect(await early.preview(chart)).toEqual(chart);
    const crd = newResource("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition");
    const [made] = await Promise.all([early.create(chart), crd.create(definition)]);
    expect(valueAt(made, "spec", "values")).toEqual({ replicas: 2 });
    expect((await crd.diff(definition)).changes).toEqual({});
    expect((await early.diff(chart)).changes).toEqual({});

    await crd.update({ ...definition, metadata: { ...definition.metadata, labels: { a: "b" } } });
    expect(
      valueAt(await live("Chart", "web", "helm.example.com/v1"), "spec", "values"),
    ).toBeDefined();
    await early.delete();
    await crd.delete();
    expect(await early.refresh()).toBeUndefined();
  });

  it("names an object that the program leaves nameless, and keeps the name", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap");
    const nameless = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace },
      data: { a: "1" },
    };
    const outputs = await resource.create(nameless);
    expect(textAt(outputs, "metadata", "name")).toMatch(/^thing-[0-9a-f]{8}$/);
    expect((await resource.diff(nameless)).changes).toEqual({});
    const changed = await resource.diff({ ...nameless, data: { a: "2" } });
    expect(changed).toEqual({
      changes: { "data.a": { kind: "update", replace: true } },
      deleteBeforeReplace: false,
    });
  });

  it("uses the provider's namespace", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap", { namespace });
    await resource.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } });
    expect(resource.state!.id).toBe(`${namespace}/x`);
  });

  it("passes the API server's warnings on", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap");
    await resource.create({ ...configMap({}), dta: { a: "1" } });
    expect(resource.lines).toContain('warning: unknown field "dta"');
  });
});

describe("preview", () => {
  it("asks the API server what the object would be", async () => {
    const outputs = await newResource("kubernetes:apps/v1:Deployment").preview(deployment());
    expect(valueAt(outputs, "spec", "strategy", "type")).toBe("RollingUpdate");
    expect(outputs["status"]).toBeUndefined();
    expect(await live("Deployment", "web", "apps/v1")).toBeUndefined();
  });

  it("shows what the API server would refuse", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap");
    await expect(resource.preview(configMap({}, { name: "Not_Valid" }))).rejects.toThrow(
      /refused to create ConfigMap .*Not_Valid/,
    );
  });

  it("echoes the inputs while the namespace is not there", async () => {
    const inputs = configMap({ a: "1" }, { namespace: "comes-later" });
    expect(await newResource("kubernetes:core/v1:ConfigMap").preview(inputs)).toEqual(inputs);
  });

  it("echoes the inputs while the cluster is not there", async () => {
    const settings = { kubeconfig: plane.kubeconfig.replace("127.99.0.1", "127.99.0.2") };
    const inputs = configMap({ a: "1" });
    expect(await newResource("kubernetes:core/v1:ConfigMap", settings).preview(inputs)).toEqual(
      inputs,
    );
  });

  it("tries an update without making it", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap", {
      enableConfigMapMutable: "true",
    });
    await resource.create(configMap({ a: "1" }));
    expect((await resource.preview(configMap({ b: "2" })))["data"]).toEqual({ a: "1", b: "2" });
    expect((await live("ConfigMap", "settings"))!["data"]).toEqual({ a: "1" });
  });
});

describe("update", () => {
  it("drops fields that the program no longer gives", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap", {
      enableConfigMapMutable: "true",
    });
    await resource.create(configMap({ a: "1", b: "2" }));
    expect((await resource.diff(configMap({ a: "1" }))).changes).toEqual({
      "data.b": { kind: "delete", replace: false },
    });
    await resource.update(configMap({ a: "1" }));
    expect((await live("ConfigMap", "settings"))!["data"]).toEqual({ a: "1" });
    expect((await resource.diff(configMap({ a: "1" }))).changes).toEqual({});
  });

  it("names the other manager of a field, and takes it over when told to", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap", {
      enableConfigMapMutable: "true",
    });
    await resource.create(configMap({ a: "1" }));
    await cluster.apply(configMap({ a: "theirs" }), {
      fieldManager: "autoscaler",
      force: true,
    });
    await expect(resource.update(configMap({ a: "2" }))).rejects.toThrow(
      /conflicts with another field manager: \.data\.a \(conflict with "autoscaler".*pulumi\.com\/patchForce/,
    );
    await resource.update(
      configMap({ a: "2" }, { annotations: { "pulumi.com/patchForce": "true" } }),
    );
    expect((await live("ConfigMap", "settings"))!["data"]).toEqual({ a: "2" });
  });

  it("leaves a field alone that the program ignores and another manager owns", async () => {
    const resource = newResource("kubernetes:apps/v1:Deployment");
    const ignoreChanges = ["spec.replicas"];
    await resource.create(deployment());
    await cluster.apply(
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "web", namespace },
        spec: { replicas: 3 },
      },
      { fieldManager: "autoscaler", force: true },
    );
    const refreshed = () =>
      resource.refresh().then(
        () => true,
        () => false,
      );
    await expect.poll(refreshed, { timeout: 20_000 }).toBe(true);
    expect((await resource.diff(deployment(), { ignoreChanges })).changes).toEqual({});
    const outputs = await resource.update(deployment({ minReadySeconds: 1 }), { ignoreChanges });
    expect(valueAt(outputs, "spec", "replicas")).toBe(3);
  });

  it("replaces for what Kubernetes cannot change, deleting first when the name stays", async () => {
    const resource = newResource("kubernetes:apps/v1:Deployment");
    await resource.create(deployment({}, {}, { "pulumi.com/skipAwait": "true" }));
    const labels = { app: "web", tier: "front" };
    const changed = deployment(
      {
        selector: { matchLabels: labels },
        template: { ...deployment().spec.template, metadata: { labels } },
      },
      {},
      { "pulumi.com/skipAwait": "true" },
    );
    expect(await resource.diff(changed)).toEqual({
      changes: {
        "spec.selector.matchLabels.tier": { kind: "add", replace: true },
        "spec.template.metadata.labels.tier": { kind: "add", replace: false },
      },
      deleteBeforeReplace: true,
    });
  });
});

describe("drift", () => {
  it("shows after a refresh and is repaired", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap", {
      enableConfigMapMutable: "true",
      enablePatchForce: "true",
    });
    const program = configMap({ a: "1", b: "2" });
    await resource.create(program);
    await byHand([
      { op: "replace", path: "/data/a", value: "changed" },
      { op: "remove", path: "/data/b" },
      { op: "add", path: "/data/c", value: "theirs" },
    ]);
    expect((await resource.refresh())!.inputs["data"]).toEqual({ a: "changed" });
    expect((await resource.diff(program)).changes).toEqual({
      "data.a": { kind: "update", replace: false },
      "data.b": { kind: "add", replace: false },
    });
    await resource.update(program);
    expect((await live("ConfigMap", "settings"))!["data"]).toEqual({ a: "1", b: "2", c: "theirs" });
  });

  it("finds an object gone that was deleted by hand", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap");
    await resource.create(configMap({ a: "1" }));
    await cluster.delete(
      { apiVersion: "v1", kind: "ConfigMap", namespace, name: "settings" },
      "Background",
    );
    expect(await resource.refresh()).toBeUndefined();
  });

  it("imports an object by its id", async () => {
    await newResource("kubernetes:core/v1:ConfigMap").create(configMap({ a: "1" }));
    const imported = newResource("kubernetes:core/v1:ConfigMap");
    const read = await imported.type.read!(`${namespace}/settings`, {}, {}, imported.context());
    expect(read!.inputs).toEqual(configMap({ a: "1" }));
  });
});

describe("secrets", () => {
  const program = () => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "token", namespace },
    stringData: { token: "canary" },
  });

  it("never leave the provider in clear", async () => {
    const resource = newResource("kubernetes:core/v1:Secret");
    const { outputs } = await resource.type.create(
      await resource.check(program()),
      resource.context(),
    );
    const wrapped = "4dabf18193072939515e22adb298388d";
    const clear = JSON.stringify(outputs, (_, value: unknown) =>
      typeof value === "object" && value !== null && wrapped in value ? "[secret]" : value,
    );
    expect(clear).not.toContain("canary");
    expect(clear).not.toContain(Buffer.from("canary").toString("base64"));
    expect(valueAt(unwrap(outputs), "data", "token")).toBe(
      Buffer.from("canary").toString("base64"),
    );
  });

  it("written as text compare equal to what the API server keeps", async () => {
    const resource = newResource("kubernetes:core/v1:Secret");
    await resource.create(program());
    expect((await resource.diff(program())).changes).toEqual({});
    await resource.refresh();
    expect((await resource.diff(program())).changes).toEqual({});
    expect((await resource.diff({ ...program(), stringData: { token: "other" } })).changes).toEqual(
      {
        "data.token": { kind: "update", replace: true },
      },
    );
  });
});

describe("waiting", () => {
  it("ends when a Deployment is available, and again after a roll-out", async () => {
    const resource = newResource("kubernetes:apps/v1:Deployment");
    const outputs = await resource.create(deployment());
    expect(valueAt(outputs, "status", "availableReplicas")).toBe(2);
    expect(resource.lines.join()).toMatch(/waiting for the Deployment/);
    expect((await resource.diff(deployment())).changes).toEqual({});

    const next = deployment({}, { hostNetwork: false, terminationGracePeriodSeconds: 1 });
    const updated = await resource.update(next);
    expect(annotation(updated, "deployment.kubernetes.io/revision")).toBe("2");
    expect(valueAt(updated, "status", "updatedReplicas")).toBe(2);
    await resource.refresh();
    expect((await resource.diff(next)).changes).toEqual({});
    await resource.delete();
    expect(await live("Deployment", "web", "apps/v1")).toBeUndefined();
  });

  it("gives up in time, says why, and keeps the object in state", async () => {
    const resource = newResource("kubernetes:apps/v1:Deployment");
    const program = deployment(
      {},
      { nodeSelector: { nowhere: "true" } },
      { "pulumi.com/timeoutSeconds": "3" },
    );
    const error = await resource.create(program).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(PartialFailure);
    const failure = error as PartialFailure;
    expect(failure.state.id).toBe(`${namespace}/web`);
    expect(failure.reasons).toContain("it took longer than 3 s");
    expect(failure.message).toMatch(/0 of 2 replicas are updated and available/);
    expect(failure.message).toMatch(/Pod .*: 0\/1 nodes are available: 1 node\(s\) didn't match/);
    resource.state = unwrap(failure.state);
    await expect(resource.refresh()).rejects.toBeInstanceOf(PartialFailure);
  });

  it("ends with the engine's cancellation", async () => {
    const resource = newResource("kubernetes:apps/v1:Deployment");
    const cancelled = new AbortController();
    setTimeout(() => cancelled.abort(), 1_000);
    const program = deployment({}, { nodeSelector: { nowhere: "true" } });
    await expect(resource.create(program, { signal: cancelled.signal })).rejects.toThrow(
      "the operation was cancelled",
    );
  });

  it("ends when a StatefulSet, a DaemonSet, a Job and a Service are ready", async () => {
    const template = { ...deployment().spec.template };
    const base = { apiVersion: "apps/v1", metadata: { name: "web", namespace } };
    const selector = { matchLabels: { app: "web" } };
    const set = await newResource("kubernetes:apps/v1:StatefulSet").create({
      ...base,
      kind: "StatefulSet",
      spec: { replicas: 2, serviceName: "web", selector, template },
    });
    expect(valueAt(set, "status", "readyReplicas")).toBe(2);
    const daemons = await newResource("kubernetes:apps/v1:DaemonSet").create({
      ...base,
      kind: "DaemonSet",
      spec: { selector, template },
    });
    expect(valueAt(daemons, "status", "numberAvailable")).toBe(1);
    const job = await newResource("kubernetes:batch/v1:Job").create({
      ...base,
      apiVersion: "batch/v1",
      kind: "Job",
      spec: { template: { spec: { ...template.spec, restartPolicy: "Never" } } },
    });
    expect(valueAt(job, "status", "succeeded")).toBe(1);
    const service = await newResource("kubernetes:core/v1:Service").create({
      ...base,
      apiVersion: "v1",
      kind: "Service",
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    });
    expect(textAt(service, "spec", "clusterIP")).toMatch(/^10\.119\./);
  });

  it("fails at once for a Job that failed", async () => {
    const resource = newResource("kubernetes:batch/v1:Job");
    const program = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "late", namespace, annotations: { "pulumi.com/replaceUnready": "true" } },
      spec: {
        activeDeadlineSeconds: 1,
        template: {
          spec: {
            restartPolicy: "Never",
            nodeSelector: { nowhere: "true" },
            containers: [{ name: "x", image: "example.com/x:1" }],
          },
        },
      },
    };
    const error = await resource.create(program).catch((failure: unknown) => failure);
    expect(String(error)).toMatch(
      /\[DeadlineExceeded\] Job was active longer than specified deadline/,
    );
    resource.state = unwrap((error as PartialFailure).state);
    expect((await resource.diff(program)).changes).toEqual({
      'metadata.annotations["pulumi.com/replaceUnready"]': { kind: "update", replace: true },
    });
  });

  it("follows the annotation that names a condition", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap");
    const program = configMap(
      { a: "1" },
      { annotations: { "pulumi.com/waitFor": "jsonpath={.data.ready}=yes" } },
    );
    const creation = resource.create(program);
    await expect
      .poll(() => resource.lines)
      .toContain("info: waiting for jsonpath={.data.ready}=yes");
    await byHand([{ op: "add", path: "/data/ready", value: "yes" }]);
    expect(valueAt(await creation, "data", "ready")).toBe("yes");
  });

  it("outlives a restart of the API server", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap");
    const program = configMap(
      { a: "1" },
      { annotations: { "pulumi.com/waitFor": "jsonpath={.data.ready}" } },
    );
    const creation = resource.create(program);
    await expect.poll(() => resource.lines).toContain("info: waiting for jsonpath={.data.ready}");
    await plane.stopApi();
    await expect.poll(() => resource.lines.join()).toMatch(/127\.99\.0\.1:6443/);
    await plane.startApi();
    await byHand([{ op: "add", path: "/data/ready", value: "yes" }]);
    expect(valueAt(await creation, "data", "ready")).toBe("yes");
  });
});

describe("deletion", () => {
  it("waits for a namespace to be empty and gone", async () => {
    const resource = newResource("kubernetes:core/v1:Namespace");
    await resource.create({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: `${namespace}-own` },
    });
    await resource.delete();
    expect(
      await cluster.get({ apiVersion: "v1", kind: "Namespace", name: `${namespace}-own` }),
    ).toBeUndefined();
    await resource.delete();
  });

  it("names the finalizers that hold an object back", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap");
    await resource.create(configMap({}, { finalizers: ["example.com/hold"] }));
    await expect(resource.delete({ timeoutSeconds: 1 })).rejects.toThrow(
      "ConfigMap settings is not gone: it took longer than 1 s; held by finalizers example.com/hold",
    );
  });

  it("fails when the cluster is unreachable, unless told to forget", async () => {
    const resource = newResource("kubernetes:core/v1:ConfigMap");
    await resource.create(configMap({}));
    const kubeconfig = plane.kubeconfig.replace("127.99.0.1", "127.99.0.2");
    const config = (more: Properties = {}) => ({ config: { kubeconfig, ...more } });
    await expect(resource.delete(config())).rejects.toThrow(/unreachable.*deleteUnreachable/);
    await resource.delete(config({ deleteUnreachable: "true" }));
    expect(await live("ConfigMap", "settings")).toBeDefined();
  });

  it("of a Patch resource gives its fields up and leaves the object", async () => {
    await expect.poll(() => live("ServiceAccount", "default")).toBeDefined();
    const resource = newResource("kubernetes:core/v1:ServiceAccountPatch");
    const program = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default", namespace },
      automountServiceAccountToken: false,
    };
    expect(await resource.preview(program)).toEqual(program);
    await resource.create(program);
    expect((await live("ServiceAccount", "default"))!["automountServiceAccountToken"]).toBe(false);
    expect((await resource.diff(program)).changes).toEqual({});
    await resource.update({ ...program, automountServiceAccountToken: true });
    await resource.delete();
    const after = await live("ServiceAccount", "default");
    expect(after).toBeDefined();
    expect(after!["automountServiceAccountToken"]).toBeUndefined();
  });
});
