import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { NodeAddress } from "./addresses";
import { hetznerLabels, type NodePlan, placementGroupOf, placementGroups } from "./nodes";

/** One machine of a pool. */
export interface PoolMachine {
  /** The node that the machine becomes. */
  node: NodePlan;
  /** Its Primary IP. */
  address: NodeAddress;
  /** Its cloud-init text. */
  userData: pulumi.Input<string>;
  /** Whether the stack file asks for a new machine in its place. */
  replace: boolean;
}

export interface NodePoolArgs {
  /** Name of the region. */
  region: string;
  /** Name of the pool. */
  pool: string;
  /** Hetzner location code, for example `fsn1`. */
  location: string;
  /** Hetzner server type, for example `ccx13`. */
  serverType: string;
  /** Operating system image, for example `ubuntu-24.04`. */
  image: string;
  /** The pool's machines, numbered from 1 without a gap. */
  machines: readonly PoolMachine[];
  /** Whatever guards the machines by label: it is there before them and goes after them. */
  firewalls: readonly hcloud.Firewall[];
}

/** A pool of like machines, spread over Hetzner's hosts. */
export class NodePool extends pulumi.ComponentResource {
  /** The servers, by node name. */
  readonly servers: Readonly<Record<string, hcloud.Server>>;

  constructor(name: string, args: NodePoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:machines:NodePool", name, {}, opts);
    const groups = new Map(
      placementGroups(args.machines.length).map((number) => [
        number,
        this.placementGroup(`${name}-${number}`, number, args),
      ]),
    );
    this.servers = Object.fromEntries(
      args.machines.map((machine) => {
        const group = groups.get(placementGroupOf(machine.node.number));
        return [
          machine.node.name,
          this.server(`${name}-${machine.node.number}`, machine, group, args),
        ];
      }),
    );
    const ids = Object.entries(this.servers).map(([node, { id }]) => [node, id]);
    this.registerOutputs({ servers: Object.fromEntries(ids) });
  }

  private placementGroup(childName: string, number: number, args: NodePoolArgs) {
    return new hcloud.PlacementGroup(
      childName,
      {
        name: `${args.region}-${args.pool}-${number}`,
        type: "spread",
        labels: hetznerLabels(args.region, args.pool),
      },
      { parent: this },
    );
  }

  private server(
    childName: string,
    machine: PoolMachine,
    group: hcloud.PlacementGroup | undefined,
    args: NodePoolArgs,
  ): hcloud.Server {
    return new hcloud.Server(
      childName,
      {
        name: machine.node.name,
        serverType: args.serverType,
        image: args.image,
        location: args.location,
        userData: machine.userData,
        labels: hetznerLabels(args.region, args.pool),
        publicNets: [{ ipv4Enabled: true, ipv4: machine.address.id, ipv6Enabled: false }],
        ...(group === undefined ? {} : { placementGroupId: group.id.apply(Number) }),
        // The firewalls come by label; without this every refresh would want to take them off again.
        ignoreRemoteFirewallIds: true,
        shutdownBeforeDeletion: true,
        // A larger disk cannot be made smaller again: with the old one kept, a change of type can be taken back.
        keepDisk: true,
      },
      {
        parent: this,
        // Hetzner replaces a server whose image or user data changes. A new pin or a new line of cloud-init must not
        // replace machines that carry live video: they follow one by one when `machines.replace` names them.
        ignoreChanges: machine.replace ? [] : ["image", "userData"],
        // The name and the Primary IP exist once, so the old machine has to go before the new one can have them.
        deleteBeforeReplace: true,
        dependsOn: [...args.firewalls],
      },
    );
  }
}
