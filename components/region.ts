import type * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { images } from "../versions";
import { cloudProviders } from "./cloudProviders";
import { Authorities } from "./cluster/authorities";
import { Baseline } from "./cluster/baseline";
import type { CertManagerArgs } from "./cluster/certManager";
import { k3sApiServer } from "./cluster/ciliumValues";
import { clusterFacts, type EtcdBackupArgs } from "./cluster/clusterFacts";
import { apiUrl } from "./cluster/k3sConfig";
import { Kubernetes } from "./cluster/kubernetes";
import type { PairInputs } from "./cluster/leafCertificate";
import { type MachineFacts, machineOf } from "./cluster/machine";
import { MeshAuthority } from "./cluster/meshAuthority";
import { Platform } from "./cluster/platform";
import { meshName } from "./dns/names";
import { Records } from "./dns/records";
import { Addresses } from "./machines/addresses";
import { Firewalls } from "./machines/firewalls";
import { NodePool } from "./machines/nodePool";
import {
  controlPlanePool,
  edgePool,
  type NodePlan,
  type PoolSettings,
  regionNodes,
} from "./machines/nodes";

export interface RegionArgs {
  /** Hetzner location code, for example `fsn1`. */
  location: string;
  /** Addresses of pods (IPv4 CIDR), disjoint from every other region's. */
  podCidr: string;
  /** Addresses of Services (IPv4 CIDR), disjoint from every other region's. */
  serviceCidr: string;
  /** Domain that all names end in, the zone that holds it, and Cloudflare's id of that zone. */
  domain: { name: string; zone: string; zoneId: string };
  /** Cilium's id of the cluster, 1 to 255. */
  clusterId: number;
  /** Names of the other regions. */
  peers: readonly string[];
  /** Bytes that the network between the nodes of all regions carries in one packet. */
  underlayMtu: number;
  /** The CA that all regions' meshes trust; a region without one founds the mesh and makes it. */
  meshAuthority?: PairInputs;
  /** Let's Encrypt's environment and account. */
  acme: CertManagerArgs["acme"];
  /** Networks that operators reach the Kubernetes API from (CIDR). */
  operatorCidrs: readonly string[];
  /** The pools by name; `control-plane` is one of them. */
  pools: Readonly<Record<string, PoolSettings>>;
  /** Whether what outlives machines is kept from deletion: addresses, CAs, service key and tokens. */
  protect: boolean;
  /** Names of the nodes whose machines are to be replaced. */
  replace: readonly string[];
  /** Token of the region's Hetzner project. Secret. */
  hcloudToken: pulumi.Input<string>;
  /** Cloudflare token that may edit the zone. Secret. */
  cloudflareApiToken: pulumi.Input<string>;
  /** Where etcd snapshots go; without it they stay on the control-plane disks. */
  etcdBackup?: EtcdBackupArgs;
}

/** What is published of a node. */
export interface RegionNode {
  pool: string;
  /** IPv4 address. */
  address: pulumi.Output<string>;
}

/** One region of the platform: its machines, its cluster and its names. */
export class Region extends pulumi.ComponentResource {
  /** The administrator's kubeconfig. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The CA that all regions' meshes trust. Its key is secret. */
  readonly meshAuthority: PairInputs;
  /** URL of the API server, the one in the kubeconfig. */
  readonly apiEndpoint: pulumi.Output<string>;
  /** The static nodes, by name. */
  readonly nodes: Readonly<Record<string, RegionNode>>;
  /** Host names of the API servers, of the mesh and of each node. */
  readonly names: Readonly<Record<"region" | "api" | "mesh", string>> & {
    readonly nodes: Readonly<Record<string, string>>;
  };

  constructor(name: string, args: RegionArgs, opts?: pulumi.ComponentResourceOptions) {
    // Like every component of ours this one registers no inputs: state would hold each cloud-init twice, and a change
    // of one resource would show as a change of all components around it.
    super("meridian:index:Region", name, {}, opts);
    const inRegion = { parent: this, providers: cloudProviders(name, args, this) };
    const plan = regionNodes(name, args.pools);
    const addresses = new Addresses(
      `${name}-address`,
      { region: name, location: args.location, nodes: plan, protect: args.protect },
      inRegion,
    );
    const addressOf = (node: NodePlan) => addresses.of(node.name).ipv4;
    const controlPlane = plan.filter(({ pool }) => pool === controlPlanePool);
    const [first] = controlPlane;
    if (first === undefined) {
      const given = Object.keys(args.pools).join(", ");
      throw new pulumi.ResourceError(
        `pools must have a ${controlPlanePool}, got ${given}`,
        this,
        true,
      );
    }
    const controlPlaneAddresses = controlPlane.map(addressOf);
    const firewalls = new Firewalls(
      `${name}-firewall`,
      {
        region: name,
        pools: Object.keys(args.pools),
        operatorCidrs: args.operatorCidrs,
        // By name, so that the order of pools in the stack file is no change.
        nodeAddresses: plan.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(addressOf),
        controlPlaneAddresses,
      },
      inRegion,
    );
    const authorities = new Authorities(
      `${name}-authorities`,
      { region: name, protect: args.protect },
      inRegion,
    );
    const facts: MachineFacts = {
      region: name,
      location: args.location,
      replace: args.replace,
      plan,
      addresses,
      authorities,
      cluster: clusterFacts(name, args, controlPlaneAddresses),
    };
    const pools = Object.entries(args.pools).map(
      ([pool, { type }]) =>
        new NodePool(
          `${name}-${pool}`,
          {
            region: name,
            pool,
            location: args.location,
            serverType: type,
            image: images.server,
            machines: plan
              .filter((node) => node.pool === pool)
              .map((node) => machineOf(node, facts)),
            firewalls: Object.values(firewalls.byName),
          },
          inRegion,
        ),
    );
    this.apiEndpoint = addressOf(first).apply(apiUrl);
    const kubernetes = new Kubernetes(
      `${name}-kubernetes`,
      {
        region: name,
        endpoint: this.apiEndpoint,
        authorities,
        serverId: serverOf(first, pools).id,
      },
      inRegion,
    );
    new Baseline(`${name}-baseline`, { parent: this, providers: [kubernetes.provider] });
    const records = new Records(
      `${name}-dns`,
      {
        region: name,
        domain: args.domain.name,
        zoneId: args.domain.zoneId,
        nodes: Object.fromEntries(plan.map((node) => [node.name, addressOf(node)])),
        controlPlane: controlPlane.map((node) => node.name),
        edge: plan.filter(({ pool }) => pool === edgePool).map((node) => node.name),
      },
      inRegion,
    );
    this.meshAuthority =
      args.meshAuthority ??
      new MeshAuthority(`${name}-mesh-authority`, { protect: args.protect }, inRegion).pair;
    new Platform(
      `${name}-platform`,
      {
        region: name,
        clusterId: args.clusterId,
        protect: args.protect,
        podCidr: args.podCidr,
        apiServer: k3sApiServer,
        underlay: {
          nodeAddresses: controlPlaneAddresses,
          meshAddress: records.mesh,
          mtu: args.underlayMtu,
          peers: args.peers.map((peer) => ({
            name: peer,
            address: meshName(args.domain.name, peer),
          })),
        },
        meshAuthority: this.meshAuthority,
        gatewayNodes: { "meridian.dev/pool": edgePool },
        hostNames: [records.region, args.domain.name],
        certificates: {
          acme: args.acme,
          zone: args.domain.zone,
          cloudflareApiToken: args.cloudflareApiToken,
        },
        hetzner: { token: args.hcloudToken, location: args.location },
      },
      { parent: this, providers: [kubernetes.provider, ...inRegion.providers] },
    );

    this.kubeconfig = kubernetes.kubeconfig;
    this.nodes = Object.fromEntries(
      plan.map((node) => [node.name, { pool: node.pool, address: addressOf(node) }]),
    );
    const { region, api, mesh, nodes } = records;
    this.names = { region, api, mesh, nodes };
    this.registerOutputs({
      kubeconfig: this.kubeconfig,
      apiEndpoint: this.apiEndpoint,
      nodes: this.nodes,
      names: this.names,
    });
  }
}

function serverOf(node: NodePlan, pools: readonly NodePool[]): hcloud.Server {
  const server = pools.flatMap(({ servers }) => servers[node.name] ?? [])[0];
  if (server === undefined) throw new Error(`no pool has the node ${node.name}`);
  return server;
}
