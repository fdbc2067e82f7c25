import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { hetznerLabels, type NodePlan } from "./nodes";

export interface AddressesArgs {
  /** Name of the region. */
  region: string;
  /** Hetzner location code, for example `fsn1`. An address can only be used there. */
  location: string;
  /** The static nodes. */
  nodes: readonly NodePlan[];
  /** Whether Pulumi and Hetzner refuse to delete the addresses. */
  protect: boolean;
}

/** A node's Primary IP. */
export interface NodeAddress {
  /** Hetzner's id of the Primary IP. */
  id: pulumi.Output<number>;
  /** The public IPv4 address. */
  ipv4: pulumi.Output<string>;
}

/** The public addresses of a region's nodes: made before the machines and outliving each of them. */
export class Addresses extends pulumi.ComponentResource {
  /** Every node's address, by the node's name. */
  readonly byNode: Readonly<Record<string, NodeAddress>>;

  constructor(name: string, args: AddressesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:machines:Addresses", name, {}, opts);
    this.byNode = Object.fromEntries(
      args.nodes.map((node) => [
        node.name,
        this.address(`${name}-${node.pool}-${node.number}`, node, args),
      ]),
    );
    this.registerOutputs({ byNode: this.byNode });
  }

  /**
   * The address of one node.
   *
   * @throws when the region has no such node
   */
  of(node: string): NodeAddress {
    const address = this.byNode[node];
    if (address === undefined) throw new Error(`the region has no node ${node}`);
    return address;
  }

  private address(childName: string, node: NodePlan, args: AddressesArgs): NodeAddress {
    const primaryIp = new hcloud.PrimaryIp(
      childName,
      {
        name: node.name,
        type: "ipv4",
        location: args.location,
        assigneeType: "server",
        autoDelete: false,
        deleteProtection: args.protect,
        labels: hetznerLabels(args.region, node.pool),
      },
      // Peers, DNS caches and viewers know the address; it comes back from nobody once it is given up.
      { parent: this, protect: args.protect },
    );
    // An output's id is text where the server wants a number; an unknown id must stay unknown, which apply sees to.
    return { id: primaryIp.id.apply(Number), ipv4: primaryIp.ipAddress };
  }
}
