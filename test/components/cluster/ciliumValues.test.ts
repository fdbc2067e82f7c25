import { describe, expect, it } from "vitest";
import {
  type CiliumFacts,
  ciliumValues,
  k3sApiServer,
} from "../../../components/cluster/ciliumValues";
import { regionNames, regions } from "../../../regions";

const factsOf = (region: (typeof regionNames)[number]): CiliumFacts => ({
  region,
  clusterId: regions[region].clusterId,
  podCidr: regions[region].podCidr,
  apiServer: k3sApiServer,
  underlayMtu: 1500,
  peers: regionNames
    .filter((name) => name !== region)
    .map((name) => ({ name, address: `${name}.mesh.example.com` })),
  gatewayNodes: { "meridian.dev/pool": "edge" },
});

describe("each region", () => {
  it.each([
    ["germany", 1, "10.101.0.0/16", ["us-west", "singapore"]],
    ["us-west", 2, "10.102.0.0/16", ["germany", "singapore"]],
    ["singapore", 3, "10.103.0.0/16", ["germany", "us-west"]],
  ] as const)("%s has its own id, range and peers", (region, id, range, peers) => {
    expect(ciliumValues(factsOf(region))).toMatchObject({
      cluster: { name: region, id },
      ipam: { operator: { clusterPoolIPv4PodCIDRList: [range] } },
      clustermesh: {
        config: {
          clusters: Object.fromEntries(
            peers.map((peer) => [peer, { address: `${peer}.mesh.example.com`, port: 32_379 }]),
          ),
        },
      },
    });
  });

  it("lists its peers and never itself", () => {
    for (const region of regionNames) {
      const { config } = ciliumValues(factsOf(region))["clustermesh"] as {
        config: { clusters: Record<string, unknown> };
      };
      expect(Object.keys(config.clusters).toSorted()).toEqual(
        regionNames.filter((name) => name !== region).toSorted(),
      );
    }
  });

  it("differs from the others in these three facts only", () => {
    const [first, ...others] = regionNames.map((region) => {
      const { cluster: _, ipam: __, clustermesh, ...rest } = ciliumValues(factsOf(region));
      return { ...rest, clustermesh: { ...(clustermesh as object), config: {} } };
    });
    for (const other of others) expect(other).toEqual(first);
  });
});

describe("the underlay", () => {
  it("gives the MTU, which the chart takes whole", () => {
    expect(ciliumValues({ ...factsOf("germany"), underlayMtu: 1450 })).toMatchObject({ MTU: 1450 });
  });

  it("is refused when nothing useful is left for pods", () => {
    expect(() => ciliumValues({ ...factsOf("germany"), underlayMtu: 1300 })).toThrow(/got 1300$/u);
  });

  it("decides where the API server and the peers are", () => {
    const facts = {
      ...factsOf("germany"),
      apiServer: { host: "10.0.0.1", port: 443 },
      peers: [{ name: "oslo", address: "oslo.wan.example.com" }],
    };
    expect(ciliumValues(facts)).toMatchObject({
      k8sServiceHost: "10.0.0.1",
      k8sServicePort: 443,
      clustermesh: { config: { clusters: { oslo: { address: "oslo.wan.example.com" } } } },
    });
  });
});

describe("a region among its own peers", () => {
  it("is refused", () => {
    const peers = [{ name: "germany", address: "germany.mesh.example.com" }];
    expect(() => ciliumValues({ ...factsOf("germany"), peers })).toThrow(
      "region germany is among its own peers; a mesh lists the other regions only",
    );
  });
});

describe("the values", () => {
  it("hold no certificate and no key, only names of Secrets", () => {
    const text = JSON.stringify(ciliumValues(factsOf("germany")));
    expect(text).not.toMatch(/BEGIN|"(cert|caCert|password|token)":"[^"]/u);
    expect(ciliumValues(factsOf("germany"))).toMatchObject({
      clustermesh: { apiserver: { tls: { authMode: "cluster", auto: { enabled: false } } } },
      hubble: { tls: { auto: { enabled: false } } },
    });
  });
});
