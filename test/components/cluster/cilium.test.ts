import { beforeAll, describe, expect, it } from "vitest";
import type { RenderedResource } from "../../support/monitor";
import { only, registered } from "../registered";
import { newPlatform } from "./platformFixture";

let resources: Map<string, RenderedResource>;

beforeAll(async () => {
  resources = await registered(() => newPlatform());
});

const secretType = "kubernetes:core/v1:Secret";

describe("Cilium's certificates", () => {
  it.each([
    ["mesh-server", "clustermesh-apiserver-server-cert"],
    ["mesh-admin", "clustermesh-apiserver-admin-cert"],
    ["mesh-remote", "clustermesh-apiserver-remote-cert"],
    ["mesh-local", "clustermesh-apiserver-local-cert"],
    ["hubble-server", "hubble-server-certs"],
    ["hubble-relay", "hubble-relay-client-certs"],
  ])("of %s lie where the chart looks for them, and are there before it", (child, name) => {
    const secret = only(resources, `${secretType} platform-cilium-${child}-secret`);
    expect(secret.inputs).toMatchObject({
      type: "kubernetes.io/tls",
      metadata: { name, namespace: "kube-system" },
    });
    expect(Object.keys(secret.revealedInputs["stringData"] as object).toSorted()).toEqual([
      "ca.crt",
      "tls.crt",
      "tls.key",
    ]);
    const chart = only(resources, "meridian:cluster:Chart platform-cilium-chart");
    expect(chart.dependencies).toContain(secret.name);
  });

  it("trust the mesh's CA between regions, and one of the region's own for Hubble", () => {
    const caOf = (child: string) =>
      (
        only(resources, `${secretType} platform-cilium-${child}-secret`).revealedInputs[
          "stringData"
        ] as Record<string, string>
      )["ca.crt"];
    expect(caOf("mesh-remote")).toBe(caOf("mesh-server"));
    expect(caOf("hubble-relay")).toBe(caOf("hubble-server"));
    expect(caOf("hubble-server")).not.toBe(caOf("mesh-server"));
  });
});

describe("the HelmChart object", () => {
  it("says what to install from where, and shows every value", () => {
    const { inputs } = only(
      resources,
      "kubernetes:helm.cattle.io/v1:HelmChart platform-cilium-chart-release",
    );
    expect(inputs["metadata"]).toEqual({ name: "cilium", namespace: "kube-system" });
    expect(inputs["spec"]).toMatchObject({
      repo: "https://helm.cilium.io",
      chart: "cilium",
      version: "1.20.2",
      targetNamespace: "kube-system",
      bootstrap: true,
      forceConflicts: true,
      values: { cluster: { name: "germany", id: 1 }, MTU: 1500 },
    });
    expect(inputs["spec"]).not.toHaveProperty("valuesSecrets");
  });
});
