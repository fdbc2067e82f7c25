import { describe, expect, it } from "vitest";
import {
  agentConfig,
  apiUrl,
  clusterDns,
  type ClusterFacts,
  serverConfig,
} from "../../../components/cluster/k3sConfig";

const cluster: ClusterFacts = {
  podCidr: "10.101.0.0/16",
  serviceCidr: "10.111.0.0/16",
  apiNames: ["api.germany.live.example.com", "192.0.2.1"],
  k3s: { version: "v1.36.4+k3s1", sha256: "0".repeat(64) },
};
const node = {
  name: "germany-control-plane-1",
  address: "192.0.2.1",
  labels: { "meridian.dev/pool": "control-plane" },
  taints: ["node-role.kubernetes.io/control-plane=:NoSchedule"],
};
const tokens = { server: "K10a::server:s", agent: "K10a::node:a" };

/** Keys that k3s compares between servers; one that differs is refused (component-facts 1.3). */
const shared = [
  "agent-token",
  "cluster-cidr",
  "cluster-dns",
  "disable",
  "disable-cloud-controller",
  "disable-network-policy",
  "flannel-backend",
  "secrets-encryption",
  "service-cidr",
];

describe("a founding server", () => {
  const config = serverConfig(cluster, node, tokens);

  it("starts etcd and joins nobody", () => {
    expect([config["cluster-init"], config["server"]]).toEqual([true, undefined]);
  });

  it("leaves networking and the cloud to Cilium and the cloud controller", () => {
    expect(config).toMatchObject({
      "flannel-backend": "none",
      "disable-kube-proxy": true,
      "disable-network-policy": true,
      "disable-cloud-controller": true,
      disable: ["traefik", "servicelb", "local-storage"],
    });
  });

  it("tells its kubelet of the external cloud provider, without which no node gets a provider id", () => {
    expect(config["kubelet-arg"]).toContain("cloud-provider=external");
  });

  it("is called by its server name and its public address", () => {
    expect(config).toMatchObject({
      "node-name": "germany-control-plane-1",
      "node-ip": "192.0.2.1",
      "advertise-address": "192.0.2.1",
      "node-label": ["meridian.dev/pool=control-plane"],
      "node-taint": ["node-role.kubernetes.io/control-plane=:NoSchedule"],
      "tls-san": ["api.germany.live.example.com", "192.0.2.1"],
    });
  });

  it("encrypts secrets and guards the kernel's defaults", () => {
    expect(config).toMatchObject({ "secrets-encryption": true, "protect-kernel-defaults": true });
  });

  it("says nothing of S3 when there is no store", () => {
    expect(Object.keys(config).filter((key) => key.startsWith("etcd-s3"))).toEqual([]);
  });

  it("keeps its snapshots in the region's folder when there is a store", () => {
    const etcdBackup = {
      endpoint: "s3.example.com",
      bucket: "backups",
      region: "eu-central-1",
      folder: "germany",
      accessKey: "access",
      secretKey: "secret",
    };
    expect(serverConfig({ ...cluster, etcdBackup }, node, tokens)).toMatchObject({
      "etcd-s3": true,
      "etcd-s3-endpoint": "s3.example.com",
      "etcd-s3-bucket": "backups",
      "etcd-s3-region": "eu-central-1",
      "etcd-s3-folder": "germany",
      "etcd-s3-access-key": "access",
      "etcd-s3-secret-key": "secret",
    });
  });
});

describe("a joining server", () => {
  const config = serverConfig(cluster, { ...node, address: "192.0.2.2" }, tokens, "192.0.2.1");

  it("joins the server that it is told of and founds nothing", () => {
    expect([config["cluster-init"], config["server"]]).toEqual([
      undefined,
      "https://192.0.2.1:6443",
    ]);
  });

  it.each(shared)("has the founder's %s", (key) => {
    expect(config[key]).toBeDefined();
    expect(config[key]).toEqual(serverConfig(cluster, node, tokens)[key]);
  });
});

describe("an agent", () => {
  it("has nothing but its own facts, the agents' token and the address to join", () => {
    expect(Object.keys(agentConfig(node, tokens.agent, "192.0.2.1")).toSorted()).toEqual([
      "kubelet-arg",
      "node-ip",
      "node-label",
      "node-name",
      "node-taint",
      "protect-kernel-defaults",
      "server",
      "token",
    ]);
  });
});

it.each([
  ["10.111.0.0/16", "10.111.0.10"],
  ["10.43.128.0/17", "10.43.128.10"],
  ["10.96.7.9/12", "10.96.0.10"],
])("the DNS Service of %s is %s", (cidr, dns) => {
  expect(clusterDns(cidr)).toBe(dns);
});

it("speaks to the API server on port 6443", () => {
  expect(apiUrl("192.0.2.1")).toBe("https://192.0.2.1:6443");
});
