import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { apiName, meshName, nodeName, regionName } from "./names";

export interface RecordsArgs {
  /** Name of the region. */
  region: string;
  /** Domain that all names end in. */
  domain: string;
  /** Cloudflare's id of the zone that holds the domain. */
  zoneId: string;
  /** IPv4 address of every static node, by node name. */
  nodes: Readonly<Record<string, pulumi.Output<string>>>;
  /** Names of the control-plane nodes among them. */
  controlPlane: readonly string[];
  /** Names of the nodes among them that take web traffic. */
  edge: readonly string[];
}

/** A minute: how long a client may still try a machine that is gone, and the least that Cloudflare takes. */
const ttlSeconds = 60;

/** The names of a region and its machines: its way in, its API servers, its mesh and each node. */
export class Records extends pulumi.ComponentResource {
  /** Host name of the region. */
  readonly region: string;
  /** Host name of the API servers. */
  readonly api: string;
  /** Host name of the mesh. */
  readonly mesh: string;
  /** Host name of each node, by node name. */
  readonly nodes: Readonly<Record<string, string>>;

  constructor(name: string, args: RecordsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:dns:Records", name, {}, opts);
    const { domain, region } = args;
    const nodes = Object.entries(args.nodes);
    this.region = regionName(domain, region);
    this.api = apiName(domain, region);
    this.mesh = meshName(domain, region);
    this.nodes = Object.fromEntries(nodes.map(([node]) => [node, nodeName(domain, node)]));
    for (const [node, address] of nodes) {
      if (args.controlPlane.includes(node)) {
        this.record(`${name}-api-${node}`, this.api, address, args);
      }
      if (args.edge.includes(node)) {
        this.record(`${name}-region-${node}`, this.region, address, args);
      }
      this.record(`${name}-mesh-${node}`, this.mesh, address, args);
      this.record(`${name}-node-${node}`, nodeName(domain, node), address, args);
    }
    this.registerOutputs({
      region: this.region,
      api: this.api,
      mesh: this.mesh,
      nodes: this.nodes,
    });
  }

  private record(
    childName: string,
    hostName: string,
    address: pulumi.Output<string>,
    args: RecordsArgs,
  ): cloudflare.DnsRecord {
    return new cloudflare.DnsRecord(
      childName,
      {
        zoneId: args.zoneId,
        name: hostName,
        type: "A",
        content: address,
        ttl: ttlSeconds,
        // Cloudflare's proxy passes neither the Kubernetes API nor WireGuard.
        proxied: false,
        comment: `Meridian, stack ${args.region}`,
      },
      { parent: this },
    );
  }
}
