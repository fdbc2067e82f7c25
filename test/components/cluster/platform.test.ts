import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { canary, leaksIn } from "../../support/canary";
import { type Convention, conventions } from "../../support/conventions";
import type { RenderedResource } from "../../support/monitor";
import { only, registered } from "../registered";
import { newPlatform, platformArgs } from "./platformFixture";

let resources: Map<string, RenderedResource>;

beforeAll(async () => {
  resources = await registered(() => newPlatform());
});

const all = () => [...resources.values()];
const component = (name: string) => {
  const found = all().filter((each) => !each.custom && each.name === name);
  expect(found).toHaveLength(1);
  return found[0]!;
};
const chartType = "kubernetes:helm.cattle.io/v1:HelmChart";
const jobType = "kubernetes:batch/v1:Job";

describe("the order", () => {
  it.each([
    ["platform-cilium", ["platform-gateway-api-apply-job"]],
    ["platform-metadata", ["platform-cilium-chart-ready-wait-job"]],
    ["platform-cloud-controller", ["platform-metadata-deny"]],
    ["platform-volumes", ["platform-cloud-controller-chart-ready-wait-job"]],
    ["platform-mesh", ["platform-cloud-controller-chart-ready-wait-job"]],
    ["platform-certificates", ["platform-cloud-controller-chart-ready-wait-job"]],
    ["platform-gateway", ["platform-certificates-issuer"]],
  ])("lets %s begin after %s", (name, before) => {
    expect(component(name).dependencies).toEqual(before);
  });

  it("begins with the definitions of the Gateway API, which wait for nobody", () => {
    expect(component("platform-gateway-api").dependencies).toEqual([]);
  });

  it("waits for a chart with a gate, and with a Job of it for the workloads", () => {
    expect(component("platform-cilium-chart-ready").dependencies).toEqual([
      "platform-cilium-chart-release",
    ]);
    const job = only(resources, `${jobType} platform-cilium-chart-ready-wait-job`);
    expect(job.inputs["metadata"]).toMatchObject({ name: "ready-cilium-1-20-2" });
  });

  it("does not let Cilium's gate wait for what can only run after the cloud controller", () => {
    const text = (name: string) =>
      JSON.stringify(only(resources, `${jobType} ${name}`).inputs["spec"]);
    expect(text("platform-cilium-chart-ready-wait-job")).not.toContain("clustermesh-apiserver");
    expect(text("platform-mesh-wait-job")).toContain("deployment/clustermesh-apiserver");
  });
});

describe("the charts", () => {
  it("are the pinned four, installed from kube-system and tried again when they fail", () => {
    const charts = all().filter(({ type }) => type === chartType);
    expect(
      charts.map(({ inputs }) => {
        const spec = inputs["spec"] as Record<string, unknown>;
        return [
          spec["chart"],
          spec["targetNamespace"],
          spec["bootstrap"] ?? false,
          spec["failurePolicy"],
        ];
      }),
    ).toEqual(
      expect.arrayContaining([
        ["cilium", "kube-system", true, "retry"],
        ["hcloud-cloud-controller-manager", "kube-system", true, "retry"],
        ["hcloud-csi", "kube-system", false, "retry"],
        ["cert-manager", "cert-manager", false, "retry"],
      ]),
    );
    expect(charts).toHaveLength(4);
    for (const { inputs } of charts) {
      expect(inputs["metadata"]).toMatchObject({ namespace: "kube-system" });
    }
  });
});

describe("the cloud controller", () => {
  it("makes neither networks nor load balancers, and finds its token in a Secret", () => {
    const { inputs } = only(resources, `${chartType} platform-cloud-controller-chart-release`);
    expect(inputs["spec"]).toMatchObject({
      values: {
        networking: { enabled: false },
        env: {
          HCLOUD_TOKEN: { valueFrom: { secretKeyRef: { name: "hcloud", key: "token" } } },
          HCLOUD_LOAD_BALANCERS_ENABLED: { value: "false" },
        },
      },
    });
    const token = only(resources, "kubernetes:core/v1:Secret platform-cloud-controller-token");
    expect(token.inputs["metadata"]).toEqual({ name: "hcloud", namespace: "kube-system" });
    expect(token.revealedInputs["stringData"]).toEqual({ token: canary("hcloudToken") });
  });
});

describe("volumes", () => {
  it("are made in the region's location and carry its name", () => {
    const { inputs } = only(resources, `${chartType} platform-volumes-chart-release`);
    expect(inputs["spec"]).toMatchObject({
      values: {
        controller: {
          hcloudVolumeDefaultLocation: "fsn1",
          volumeExtraLabels: { "meridian.dev/region": "germany" },
        },
      },
    });
  });
});

describe("certificates", () => {
  it("are proved by a record in the one zone, with the token in a Secret", () => {
    const { inputs } = only(
      resources,
      "kubernetes:cert-manager.io/v1:ClusterIssuer platform-certificates-issuer",
    );
    expect(inputs["spec"]).toEqual({
      acme: {
        server: "https://acme-staging-v02.api.letsencrypt.org/directory",
        email: "operators@example.com",
        privateKeySecretRef: { name: "letsencrypt-staging-account" },
        solvers: [
          {
            selector: { dnsZones: ["example.com"] },
            dns01: {
              cloudflare: {
                apiTokenSecretRef: { name: "cloudflare-api-token", key: "api-token" },
              },
            },
          },
        ],
      },
    });
    const token = only(resources, "kubernetes:core/v1:Secret platform-certificates-token");
    expect(token.inputs["metadata"]).toEqual({
      name: "cloudflare-api-token",
      namespace: "cert-manager",
    });
    expect(token.revealedInputs["stringData"]).toEqual({
      "api-token": canary("cloudflareApiToken"),
    });
  });

  it("come from Let's Encrypt itself when the platform is for people", async () => {
    const certificates = {
      ...platformArgs.certificates,
      acme: { environment: "production" as const, email: "operators@example.com" },
    };
    const live = await registered(() => newPlatform({ ...platformArgs, certificates }));
    const { inputs } = only(
      live,
      "kubernetes:cert-manager.io/v1:ClusterIssuer platform-certificates-issuer",
    );
    expect(inputs).toMatchObject({
      metadata: { name: "letsencrypt-production" },
      spec: { acme: { server: "https://acme-v02.api.letsencrypt.org/directory" } },
    });
  });

  it("are one for the region's name and the global one", () => {
    const { inputs } = only(
      resources,
      "kubernetes:cert-manager.io/v1:Certificate platform-gateway-certificate",
    );
    expect(inputs["spec"]).toMatchObject({
      secretName: "edge-certificate",
      dnsNames: ["germany.live.example.com", "live.example.com"],
      issuerRef: { kind: "ClusterIssuer", name: "letsencrypt-staging" },
    });
  });
});

describe("the gateway", () => {
  it("serves 443 to routes of namespaces that may, and 80 to its own redirect only", () => {
    const { inputs } = only(
      resources,
      "kubernetes:gateway.networking.k8s.io/v1:Gateway platform-gateway-gateway",
    );
    expect(inputs["spec"]).toMatchObject({
      gatewayClassName: "cilium",
      listeners: [
        { port: 80, protocol: "HTTP", allowedRoutes: { namespaces: { from: "Same" } } },
        {
          port: 443,
          protocol: "HTTPS",
          tls: {
            mode: "Terminate",
            certificateRefs: [{ group: "", kind: "Secret", name: "edge-certificate" }],
          },
          allowedRoutes: {
            namespaces: {
              from: "Selector",
              selector: { matchLabels: { "meridian.dev/gateway": "edge" } },
            },
          },
        },
      ],
    });
    const route = only(
      resources,
      "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute platform-gateway-redirect",
    );
    expect(route.inputs["spec"]).toMatchObject({
      parentRefs: [
        {
          group: "gateway.networking.k8s.io",
          kind: "Gateway",
          name: "edge",
          sectionName: "http",
        },
      ],
      rules: [{ filters: [{ requestRedirect: { scheme: "https", statusCode: 301 } }] }],
    });
  });
});

describe("everything", () => {
  it.each(
    Object.entries(conventions).filter(
      ([demand]) =>
        demand !== "gives everything but the region a parent" &&
        demand !== "starts each child's name with its parent's",
    ),
  )("%s", (_demand, offenders: Convention) => {
    expect(offenders(all().filter(({ type }) => !type.startsWith("pulumi:")))).toEqual([]);
  });

  it("hangs below the platform and has a name that begins with its parent's", () => {
    const own = all().filter(
      ({ type }) => type !== "meridian:cluster:Platform" && !type.startsWith("pulumi:"),
    );
    expect(own.length).toBeGreaterThan(50);
    expect(own.filter(({ name, parent }) => !name.startsWith(`${parent}-`))).toEqual([]);
  });

  it("keeps every secret encrypted", () => {
    expect(all().flatMap(({ name, inputs }) => leaksIn(inputs, name))).toEqual([]);
    const token = only(resources, "kubernetes:core/v1:Secret platform-cloud-controller-token");
    expect(JSON.stringify(token.inputs)).toContain("[secret]");
  });
});

describe("without machines at Hetzner", () => {
  it("neither their controller nor their volumes are installed, and the rest is", async () => {
    const { hetzner: _, ...args } = platformArgs;
    const managed = await registered(() => newPlatform(args));
    const charts = [...managed.values()]
      .filter(({ type }) => type === chartType)
      .map(({ inputs }) => (inputs["spec"] as { chart: string }).chart);
    expect(charts.toSorted()).toEqual(["cert-manager", "cilium"]);
    const certificates = [...managed.values()].find(({ name }) => name === "platform-certificates");
    expect(certificates?.dependencies).toEqual(["platform-metadata-deny"]);
  });
});

describe("the source of the platform", () => {
  it("imports nothing of hcloud, also not through other files", () => {
    const seen = new Set<string>();
    const visit = (file: string) => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(file, "utf8");
      for (const [, module = ""] of text.matchAll(/from "([^"]+)"/gu)) {
        expect(`${file} imports ${module}`).not.toContain("@pulumi/hcloud");
        if (module.startsWith(".")) visit(resolve(file, "..", `${module}.ts`));
      }
    };
    visit(resolve("components/cluster/platform.ts"));
    expect(seen.size).toBeGreaterThan(12);
  });
});
