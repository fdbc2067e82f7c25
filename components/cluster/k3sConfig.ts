import * as ipaddr from "ipaddr.js";
import { apiServerArguments, controllerManagerArguments, kubeletArguments } from "./hardening";

/** What every machine of one cluster is told alike. */
export interface ClusterFacts {
  /** Addresses of pods (IPv4 CIDR). */
  podCidr: string;
  /** Addresses of Services (IPv4 CIDR). */
  serviceCidr: string;
  /** Every name and address by which clients reach the API server; it refuses to be called otherwise. */
  apiNames: readonly string[];
  /** The k3s release: its tag, and the SHA-256 of its binary for x86-64. */
  k3s: { version: string; sha256: string };
  /** Where etcd snapshots go; without it they stay on the control-plane disks. */
  etcdBackup?: EtcdBackup;
}

/** An S3 bucket for etcd snapshots. */
export interface EtcdBackup {
  /** Host name of the S3 service, without scheme. */
  endpoint: string;
  bucket: string;
  /** The service's name of the bucket's region. */
  region: string;
  /** Folder in the bucket, one for each cluster. */
  folder: string;
  accessKey: string;
  secretKey: string;
}

/** What one machine is told about itself. */
export interface NodeFacts {
  /** Server name, equal to the name of the Hetzner server: the cloud controller looks machines up by it. */
  name: string;
  /** The machine's Primary IP. */
  address: string;
  labels: Readonly<Record<string, string>>;
  /** As `key=value:effect`. */
  taints: readonly string[];
}

/** The two join tokens of a cluster. */
export interface JoinTokens {
  /** Joins servers; it is the administrator's word, so no agent may have it. */
  server: string;
  /** Joins agents. */
  agent: string;
}

/** An object of `/etc/rancher/k3s/config.yaml`: keys are flag names without dashes. */
export type K3sConfig = Record<string, unknown>;

/**
 * Configuration of a control-plane machine (component-facts 1.3). What is not named here k3s already has as a CIS
 * benchmark wants it.
 *
 * @param join address of the server to join; without it the machine founds the cluster
 */
export function serverConfig(
  cluster: ClusterFacts,
  node: NodeFacts,
  tokens: JoinTokens,
  join?: string,
): K3sConfig {
  return {
    ...(join === undefined ? { "cluster-init": true } : { server: apiUrl(join) }),
    token: tokens.server,
    "agent-token": tokens.agent,
    "advertise-address": node.address,
    "tls-san": [...cluster.apiNames],
    "cluster-cidr": cluster.podCidr,
    "service-cidr": cluster.serviceCidr,
    "cluster-dns": clusterDns(cluster.serviceCidr),
    // Cilium routes, replaces kube-proxy and enforces policies.
    "flannel-backend": "none",
    "disable-kube-proxy": true,
    "disable-network-policy": true,
    // Hetzner's own cloud controller takes this place.
    "disable-cloud-controller": true,
    // Cilium's gateway and node IPAM, and Hetzner's volumes.
    disable: ["traefik", "servicelb", "local-storage"],
    "secrets-encryption": true,
    "etcd-expose-metrics": true,
    "write-kubeconfig-mode": "0600",
    ...(cluster.etcdBackup === undefined ? {} : snapshotSettings(cluster.etcdBackup)),
    "kube-apiserver-arg": apiServerArguments,
    "kube-controller-manager-arg": controllerManagerArguments,
    ...nodeSettings(node),
  };
}

/** Configuration of a machine that only carries work. */
export function agentConfig(node: NodeFacts, agentToken: string, join: string): K3sConfig {
  return { server: apiUrl(join), token: agentToken, ...nodeSettings(node) };
}

/**
 * The cluster's DNS Service: the tenth address of the Service range, as Kubernetes installers have it.
 *
 * @throws when the range is not an IPv4 CIDR
 */
export function clusterDns(serviceCidr: string): string {
  const octets = ipaddr.IPv4.networkAddressFromCIDR(serviceCidr).toByteArray();
  return [...octets.slice(0, 3), (octets[3] ?? 0) + 10].join(".");
}

/** URL of the API server at an address. */
export function apiUrl(address: string): string {
  return `https://${address}:6443`;
}

function nodeSettings(node: NodeFacts): K3sConfig {
  return {
    "node-name": node.name,
    "node-ip": node.address,
    "node-label": Object.entries(node.labels).map(([key, value]) => `${key}=${value}`),
    "node-taint": [...node.taints],
    "protect-kernel-defaults": true,
    "kubelet-arg": kubeletArguments,
  };
}

function snapshotSettings(backup: EtcdBackup): K3sConfig {
  return {
    // Every two hours, three days back: a cluster that is restored loses at most an evening's set-up work.
    "etcd-snapshot-schedule-cron": "0 */2 * * *",
    "etcd-snapshot-retention": 36,
    "etcd-snapshot-compress": true,
    "etcd-s3": true,
    "etcd-s3-endpoint": backup.endpoint,
    "etcd-s3-bucket": backup.bucket,
    "etcd-s3-region": backup.region,
    "etcd-s3-folder": backup.folder,
    "etcd-s3-access-key": backup.accessKey,
    "etcd-s3-secret-key": backup.secretKey,
  };
}
