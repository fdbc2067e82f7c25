import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type CiliumFacts,
  ciliumValues,
  k3sApiServer,
} from "../../../components/cluster/ciliumValues";
import { regionNames, regions } from "../../../regions";
import { charts, versions } from "../../../versions";
import {
  moduleDirectory,
  objectsIn,
  type RenderedObject,
  renderText,
  unknownKeys,
} from "./realChart";

const domain = "live.example.com";

/** What each region's stack gives, as index.ts puts it together. */
const factsOf = (region: (typeof regionNames)[number]): CiliumFacts => ({
  region,
  clusterId: regions[region].clusterId,
  podCidr: regions[region].podCidr,
  apiServer: k3sApiServer,
  underlayMtu: 1500,
  peers: regionNames
    .filter((name) => name !== region)
    .map((name) => ({ name, address: `${name}.mesh.${domain}` })),
  gatewayNodes: { "meridian.dev/pool": "edge" },
});

let module: string;
let chart: string;

beforeAll(() => {
  module = moduleDirectory("github.com/cilium/cilium", `v${versions.cilium.version}`);
  chart = join(module, "install", "kubernetes", "cilium");
});

const render = (region: (typeof regionNames)[number]) =>
  renderText(chart, charts.cilium.chart, "kube-system", ciliumValues(factsOf(region)));

interface Container {
  env?: { name: string; value?: string }[];
  securityContext?: { capabilities?: { add?: string[] } };
}

interface Volume {
  secret?: { secretName: string };
  projected?: { sources: { secret?: { name: string } }[] };
}

interface Pod {
  containers: Container[];
  initContainers?: Container[];
  tolerations?: { key?: string; operator?: string }[];
  volumes?: Volume[];
}

describe.each(regionNames)("the real chart with the values of %s", (region) => {
  let text: string;
  let objects: RenderedObject[];
  const find = (kind: string, name: string) => {
    const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
    if (found === undefined) throw new Error(`the chart renders no ${kind} ${name}`);
    return found;
  };
  const podOf = (kind: string, name: string) =>
    (find(kind, name)["spec"] as { template: { spec: Pod } }).template.spec;
  const config = () => find("ConfigMap", "cilium-config")["data"] as Record<string, string>;
  const decoded = (name: string) =>
    Object.fromEntries(
      Object.entries(find("Secret", name)["data"] as Record<string, string>).map(([key, value]) => [
        key,
        Buffer.from(value, "base64").toString("utf8"),
      ]),
    );

  beforeAll(() => {
    text = render(region);
    objects = objectsIn(text);
  });

  it("makes the cluster who it is in the mesh", () => {
    const { clusterId, podCidr } = regions[region];
    expect(config()).toMatchObject({
      "cluster-name": region,
      "cluster-id": String(clusterId),
      ipam: "cluster-pool",
      "cluster-pool-ipv4-cidr": podCidr,
      "cluster-pool-ipv4-mask-size": "24",
      "max-connected-clusters": "255",
      "clustermesh-cache-ttl": "15m",
      "clustermesh-enable-endpoint-sync": "true",
      "clustermesh-default-global-namespace": "false",
    });
  });

  it("encrypts with WireGuard inside one MTU", () => {
    expect(config()).toMatchObject({
      "enable-wireguard": "true",
      "routing-mode": "tunnel",
      "tunnel-protocol": "vxlan",
      mtu: "1500",
    });
    expect(config()["encrypt-node"] ?? "false").toBe("false");
  });

  it("takes the place of kube-proxy and of flannel", () => {
    expect(config()).toMatchObject({
      "kube-proxy-replacement": "true",
      "enable-bpf-masquerade": "true",
      "enable-node-ipam": "true",
      "default-lb-service-ipam": "nodeipam",
    });
    expect(text).not.toMatch(/flannel/iu);
    expect(objects.filter(({ metadata }) => /kube-proxy/u.test(metadata.name))).toEqual([]);
  });

  it("reaches the API server on the node itself", () => {
    const endpoints = [podOf("DaemonSet", "cilium"), podOf("Deployment", "cilium-operator")]
      .flatMap(({ containers, initContainers = [] }) => [...initContainers, ...containers])
      .map(({ env = [] }) => env.filter(({ name }) => name.startsWith("KUBERNETES_SERVICE_")))
      .filter((env) => env.length > 0);
    expect(endpoints.length).toBeGreaterThanOrEqual(2);
    for (const env of endpoints) {
      expect(env).toEqual([
        { name: "KUBERNETES_SERVICE_HOST", value: "127.0.0.1" },
        { name: "KUBERNETES_SERVICE_PORT", value: "6444" },
      ]);
    }
  });

  it("lets policies mean pods of their own region, and closes nothing that no policy names", () => {
    expect(config()).toMatchObject({
      "enable-policy": "default",
      "policy-default-local-cluster": "true",
    });
  });

  it("opens the mesh on the node port that the firewall knows", () => {
    expect(find("Service", "clustermesh-apiserver")["spec"]).toMatchObject({
      type: "NodePort",
      ports: [{ port: 2379, nodePort: 32_379 }],
      sessionAffinity: "ClientIP",
    });
  });

  it("calls each peer by its name with the mesh certificate, and lets in the peers only", () => {
    const peers = regionNames.filter((name) => name !== region).toSorted();
    const remote = decoded("cilium-kvstoremesh");
    const local = decoded("cilium-clustermesh");
    expect(Object.keys(remote).toSorted()).toEqual(peers);
    expect(Object.keys(local).toSorted()).toEqual(peers);
    for (const peer of peers) {
      expect(remote[peer]).toContain(`- https://${peer}.mesh.${domain}:32379`);
      expect(remote[peer]).toContain(
        "cert-file: /var/lib/cilium/clustermesh/common-etcd-client.crt",
      );
      expect(local[peer]).toContain("- https://clustermesh-apiserver.kube-system.svc:2379");
      expect(local[peer]).toContain("cert-file: /var/lib/cilium/clustermesh/local-etcd-client.crt");
    }
    const users = find("ConfigMap", "clustermesh-remote-users")["data"] as Record<string, string>;
    expect([...users["users.yaml"]!.matchAll(/name: (\S+)/gu)].map(([, name]) => name)).toEqual(
      peers.map((peer) => `remote-${peer}`),
    );
  });

  it("makes no certificate, so two renders are the same to the byte", () => {
    expect(render(region)).toBe(text);
    expect(text).not.toContain("non-idempotent");
    expect(text).not.toContain("BEGIN CERTIFICATE");
    expect(objects.filter((object) => object["type"] === "kubernetes.io/tls")).toEqual([]);
  });

  it("reads its certificates from the Secrets that the program makes", () => {
    const mounted = [
      podOf("DaemonSet", "cilium"),
      podOf("Deployment", "clustermesh-apiserver"),
      podOf("Deployment", "hubble-relay"),
      podOf("Deployment", "cilium-operator"),
    ]
      .flatMap(({ volumes = [] }) => volumes)
      .flatMap(({ secret, projected }) => [
        secret?.secretName,
        ...(projected?.sources.map((source) => source.secret?.name) ?? []),
      ])
      .flatMap((name) => (name?.includes("cert") === true ? [name] : []));
    expect([...new Set(mounted)].toSorted((one, other) => (one < other ? -1 : 1))).toEqual([
      "clustermesh-apiserver-admin-cert",
      "clustermesh-apiserver-local-cert",
      "clustermesh-apiserver-remote-cert",
      "clustermesh-apiserver-server-cert",
      "hubble-relay-client-certs",
      "hubble-server-certs",
    ]);
  });

  it("runs the operator on nodes that nothing else may run on yet", () => {
    const keys = podOf("Deployment", "cilium-operator").tolerations?.map(({ key }) => key);
    expect(keys).toEqual(
      expect.arrayContaining([
        "node-role.kubernetes.io/control-plane",
        "node.kubernetes.io/not-ready",
        "node.cloudprovider.kubernetes.io/uninitialized",
        "node.cilium.io/agent-not-ready",
      ]),
    );
    // One without a key tolerates a dead node too, and stays there.
    expect(keys).not.toContain(undefined);
  });

  it("listens for the web on the edge nodes' own ports", () => {
    expect(config()).toMatchObject({
      "enable-gateway-api": "true",
      "gateway-api-hostnetwork-enabled": "true",
      "gateway-api-hostnetwork-nodelabelselector": "meridian.dev/pool=edge",
      "envoy-keep-cap-netbindservice": "true",
    });
    const [envoy] = podOf("DaemonSet", "cilium-envoy").containers;
    expect(envoy?.securityContext?.capabilities?.add).toContain("NET_BIND_SERVICE");
    expect(find("GatewayClass", "cilium")["spec"]).toMatchObject({
      controllerName: "io.cilium/gateway-controller",
    });
  });

  it("lets agents read no Secret outside the namespace for them", () => {
    const rules = find("ClusterRole", "cilium")["rules"] as { resources?: string[] }[];
    expect(rules.length).toBeGreaterThan(5);
    expect(rules.filter(({ resources }) => resources?.includes("secrets"))).toEqual([]);
  });

  it("has every workload and definition that the readiness gates wait for", () => {
    expect(find("DaemonSet", "cilium")).toBeDefined();
    expect(find("Deployment", "cilium-operator")).toBeDefined();
    expect(find("Deployment", "clustermesh-apiserver")).toBeDefined();
    expect(find("Deployment", "hubble-relay")).toBeDefined();
    const definitions = join(module, "pkg", "k8s", "apis", "cilium.io", "client", "crds", "v2");
    for (const name of [
      "ciliumclusterwidenetworkpolicies",
      "ciliumnetworkpolicies",
      "ciliumnodes",
    ]) {
      expect(existsSync(join(definitions, `${name}.yaml`))).toBe(true);
    }
  });
});

describe("the values", () => {
  it.each(regionNames)("of %s have no key that the pinned chart does not know", (region) => {
    expect(unknownKeys(chart, ciliumValues(factsOf(region)))).toEqual([]);
  });

  it.each([
    [
      "misspelt",
      { encryption: { enabled: true, nodeEncrypton: false } },
      "encryption.nodeEncrypton",
    ],
    [
      "dropped by 1.20",
      { clustermesh: { enableMCSAPISupport: true } },
      "clustermesh.enableMCSAPISupport",
    ],
    ["at the wrong place", { cacheTTL: "15m" }, "cacheTTL"],
    [
      "below a list of the chart",
      { ipam: { operator: { clusterPoolIPv4PodCidrs: [] } } },
      "ipam.operator.clusterPoolIPv4PodCidrs",
    ],
  ])("with a key that is %s are found, and the key is named", (_, values, key) => {
    expect(unknownKeys(chart, values)).toEqual([key]);
  });

  it("of the wrong type are refused by the chart's own schema", () => {
    const values = { ...ciliumValues(factsOf("germany")), MTU: "1500" };
    expect(() => renderText(chart, charts.cilium.chart, "kube-system", values)).toThrow(
      /MTU.*(string|integer)/su,
    );
  });
});
