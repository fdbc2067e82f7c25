import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { Chart, type ChartArgs } from "../../../components/cluster/chart";
import { k3sApiServer } from "../../../components/cluster/ciliumValues";
import { canary, leaksIn } from "../../support/canary";
import { only, registered } from "../registered";

const args: ChartArgs = {
  pin: { repo: "https://charts.example.com", chart: "thing", version: "v1.2.3+build" },
  namespace: "things",
  values: { replicas: 2 },
  ready: { definitions: ["things.example.com"], workloads: ["deployment/thing"] },
  apiServer: k3sApiServer,
};

const releaseKey = "kubernetes:helm.cattle.io/v1:HelmChart chart-release";
const jobKey = "kubernetes:batch/v1:Job chart-ready-wait-job";

const render = (changes: Partial<ChartArgs> = {}) =>
  registered(() => new Chart("chart", { ...args, ...changes }));

describe("a chart", () => {
  it("is one object that k3s' Helm controller acts on", async () => {
    expect(only(await render(), releaseKey).inputs).toMatchObject({
      apiVersion: "helm.cattle.io/v1",
      kind: "HelmChart",
      metadata: { name: "thing", namespace: "kube-system" },
      spec: {
        repo: "https://charts.example.com",
        chart: "thing",
        version: "v1.2.3+build",
        targetNamespace: "things",
        values: { replicas: 2 },
        failurePolicy: "retry",
        forceConflicts: true,
      },
    });
  });

  it("hands secret values over in a Secret, and nowhere else", async () => {
    const resources = await render({
      secretValues: { password: pulumi.secret(canary("password")) },
    });
    const { inputs } = only(resources, releaseKey);
    expect(inputs["spec"]).toMatchObject({
      values: { replicas: 2 },
      valuesSecrets: [{ name: "thing-secret-values", keys: ["values.yaml"], ignoreUpdates: false }],
    });
    const secret = only(resources, "kubernetes:core/v1:Secret chart-values");
    const text = (secret.revealedInputs["stringData"] as Record<string, string>)["values.yaml"];
    expect(JSON.parse(text!)).toEqual({ password: canary("password") });
    const leaks = [...resources.values()].flatMap(({ name, inputs: clear }) =>
      leaksIn(clear, name),
    );
    expect(leaks).toEqual([]);
  });
});

describe("the gate of a chart", () => {
  const commandsOf = async (changes: Partial<ChartArgs> = {}) => {
    const spec = only(await render(changes), jobKey).inputs["spec"] as {
      template: { spec: Record<"initContainers" | "containers", { args: string[] }[]> };
    };
    const { initContainers, containers } = spec.template.spec;
    return [...initContainers, ...containers].map((each) => each.args.join(" "));
  };

  it("waits for Helm, then the definitions, then the workloads, one after the other", async () => {
    expect(await commandsOf()).toEqual([
      "wait --for=create job/helm-install-thing --namespace=kube-system --timeout=25m",
      "wait --for=condition=Complete job/helm-install-thing --namespace=kube-system --timeout=25m",
      "wait --for=create customresourcedefinition/things.example.com --timeout=25m",
      "wait --for=condition=Established customresourcedefinition/things.example.com --timeout=25m",
      "rollout status deployment/thing --namespace=things --timeout=25m",
    ]);
  });

  it("leaves out what a chart does not have", async () => {
    const commands = await commandsOf({ ready: { definitions: [], workloads: [] } });
    expect(commands).toHaveLength(2);
  });

  it("is another Job for another version, and stays when it is done", async () => {
    const { inputs } = only(await render(), jobKey);
    expect(inputs["metadata"]).toMatchObject({ name: "ready-thing-v1-2-3-build" });
    expect(inputs["spec"]).not.toHaveProperty("ttlSecondsAfterFinished");
    const next = await render({ pin: { ...args.pin, version: "v1.2.4" } });
    expect(only(next, jobKey).inputs["metadata"]).toMatchObject({ name: "ready-thing-v1-2-4" });
  });

  it("may look at what it waits for and do nothing else", async () => {
    const rules = [...(await render()).values()].flatMap(
      ({ inputs }) =>
        (inputs["rules"] ?? []) as {
          resources: string[];
          resourceNames: string[];
          verbs: string[];
        }[],
    );
    expect(rules.map(({ resources, resourceNames }) => [...resources, ...resourceNames])).toEqual([
      ["customresourcedefinitions", "things.example.com"],
      ["jobs", "helm-install-thing"],
      ["deployments", "thing"],
    ]);
    for (const { verbs } of rules) expect(verbs).toEqual(["get", "list", "watch"]);
  });

  it("runs before there is a pod network and on nodes that nobody has seen yet", async () => {
    const { inputs } = only(await render(), jobKey);
    const pod = (inputs["spec"] as { template: { spec: Record<string, unknown> } }).template.spec;
    expect(pod).toMatchObject({ hostNetwork: true, dnsPolicy: "Default" });
    expect((pod["tolerations"] as { key: string }[]).map(({ key }) => key)).toEqual(
      expect.arrayContaining([
        "node.cloudprovider.kubernetes.io/uninitialized",
        "node.kubernetes.io/not-ready",
      ]),
    );
    expect(pod["containers"]).toMatchObject([
      {
        image: expect.stringMatching(/^registry\.k8s\.io\/kubectl:v[\d.]+@sha256:[0-9a-f]{64}$/u),
        env: [
          { name: "KUBERNETES_SERVICE_HOST", value: "127.0.0.1" },
          { name: "KUBERNETES_SERVICE_PORT", value: "6444" },
        ],
      },
    ]);
  });
});
