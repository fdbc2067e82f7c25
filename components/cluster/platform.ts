import * as pulumi from "@pulumi/pulumi";
import { charts } from "../../versions";
import { CertManager, type CertManagerArgs } from "./certManager";
import { Cilium } from "./cilium";
import type { ApiServer, MeshPeer } from "./ciliumValues";
import { CloudController } from "./cloudController";
import { Gateway } from "./gateway";
import { GatewayApi } from "./gatewayApi";
import { systemNamespace } from "./kubectlJob";
import type { PairInputs } from "./leafCertificate";
import { MetadataPolicy } from "./metadataPolicy";
import { ReadinessGate } from "./readinessGate";
import { volumeNodeLabels, Volumes } from "./volumes";

/** The network between the nodes of all regions. Another one (a private WAN, say) needs other values here and nothing else. */
export interface Underlay {
  /** Addresses of nodes of this region that the other regions' meshes call. */
  nodeAddresses: readonly pulumi.Input<string>[];
  /** Host name that leads to those nodes. */
  meshAddress: string;
  /** Bytes that it carries in one packet, the same in every region. */
  mtu: number;
  /** The other regions. */
  peers: readonly MeshPeer[];
}

export interface PlatformArgs {
  /** Name of the region, also Cilium's name of the cluster. */
  region: string;
  /** Cilium's id of the cluster, 1 to 255. */
  clusterId: number;
  /** Addresses of pods (IPv4 CIDR), disjoint from every other region's. */
  podCidr: string;
  /** Where programs on a node reach the API server without a Service. */
  apiServer: ApiServer;
  underlay: Underlay;
  /** The CA that all regions' meshes trust. */
  meshAuthority: PairInputs;
  /** Whether Pulumi refuses to delete what other programs keep a copy of: CAs. */
  protect: boolean;
  /** Labels of the nodes whose own addresses take web traffic. */
  gatewayNodes: Readonly<Record<string, string>>;
  /** Host names that the region answers to: its own and the global one. */
  hostNames: readonly string[];
  certificates: Omit<CertManagerArgs, "apiServer">;
  /** What only machines at Hetzner have; a managed cluster elsewhere brings its own nodes and volumes. */
  hetzner?: HetznerArgs;
}

/** A project at Hetzner. */
export interface HetznerArgs {
  /** Its token. Secret. */
  token: pulumi.Input<string>;
  /** Hetzner location code, for example `fsn1`. */
  location: string;
}

/**
 * What makes a bare cluster into one that carries the platform: network and mesh, volumes, certificates and the way in.
 * It needs a Kubernetes provider and a TLS provider, and knows nothing of the machines.
 *
 * The order is the one in which each can work: the Gateway API's definitions, Cilium that reads them once, the cloud
 * controller that makes nodes take ordinary pods, then the rest side by side.
 */
export class Platform extends pulumi.ComponentResource {
  /** Exists once the other regions can reach this one's mesh. */
  readonly mesh: pulumi.Resource;
  /** Exists once ordinary pods can be placed and have an address. */
  readonly ready: pulumi.Resource;
  /** Name of the ClusterIssuer. */
  readonly issuer: string;

  constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:Platform", name, {}, opts);
    const { apiServer, region, underlay } = args;
    const gatewayApi = new GatewayApi(`${name}-gateway-api`, { apiServer }, { parent: this });
    const cilium = new Cilium(
      `${name}-cilium`,
      {
        region,
        clusterId: args.clusterId,
        protect: args.protect,
        podCidr: args.podCidr,
        apiServer,
        underlayMtu: underlay.mtu,
        peers: underlay.peers,
        gatewayNodes: args.gatewayNodes,
        meshAuthority: args.meshAuthority,
        meshAddress: underlay.meshAddress,
        nodeAddresses: underlay.nodeAddresses,
      },
      { parent: this, dependsOn: [gatewayApi.ready] },
    );
    // From the first pod with an address on: what else is installed must not read it either.
    const metadataPolicy = new MetadataPolicy(
      `${name}-metadata`,
      { exception: volumeNodeLabels },
      { parent: this, dependsOn: [cilium.ready] },
    );
    this.ready =
      args.hetzner === undefined
        ? metadataPolicy.policy
        : this.hetzner(name, args, args.hetzner, metadataPolicy.policy);
    const onReady = { parent: this, dependsOn: [this.ready] };
    this.mesh = new ReadinessGate(
      `${name}-mesh`,
      {
        subject: "mesh",
        version: charts.cilium.version,
        chart: charts.cilium.chart,
        namespace: systemNamespace,
        definitions: [],
        workloads: ["deployment/clustermesh-apiserver", "deployment/hubble-relay"],
        apiServer,
      },
      onReady,
    ).open;
    const certManager = new CertManager(
      `${name}-certificates`,
      { ...args.certificates, apiServer },
      onReady,
    );
    this.issuer = certManager.issuer;
    new Gateway(
      `${name}-gateway`,
      { hostNames: args.hostNames, issuer: certManager.issuer },
      { parent: this, dependsOn: [certManager.ready] },
    );
    this.registerOutputs({ issuer: this.issuer });
  }

  private hetzner(
    name: string,
    { region, apiServer }: PlatformArgs,
    { token, location }: HetznerArgs,
    before: pulumi.Resource,
  ): pulumi.Resource {
    const controller = new CloudController(
      `${name}-cloud-controller`,
      { hcloudToken: token, apiServer },
      { parent: this, dependsOn: [before] },
    );
    new Volumes(
      `${name}-volumes`,
      { region, location, apiServer },
      { parent: this, dependsOn: [controller.ready] },
    );
    return controller.ready;
  }
}
