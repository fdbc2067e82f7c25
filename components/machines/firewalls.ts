import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { everyNode, type FirewallFacts, firewallNames, firewallRules } from "./firewallRules";
import { hetznerLabels } from "./nodes";

export interface FirewallsArgs {
  /** Name of the region. */
  region: string;
  /** Names of the region's pools. */
  pools: readonly string[];
  /** Networks that operators reach the API from (CIDR). */
  operatorCidrs: readonly string[];
  /** IPv4 addresses of all static nodes, in an order that does not depend on the stack file's. */
  nodeAddresses: readonly pulumi.Output<string>[];
  /** IPv4 addresses of the control-plane nodes. */
  controlPlaneAddresses: readonly pulumi.Output<string>[];
}

/**
 * The firewalls of a region: one for every node and one for each pool with rules of its own. They find their servers by
 * label, so that a machine made by the autoscaler is covered without a change here.
 */
export class Firewalls extends pulumi.ComponentResource {
  /** The firewalls by name; servers wait for them, so that no machine is ever without one. */
  readonly byName: Readonly<Record<string, hcloud.Firewall>>;

  constructor(name: string, args: FirewallsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:machines:Firewalls", name, {}, opts);
    const facts: FirewallFacts<pulumi.Input<string>> = {
      operators: args.operatorCidrs,
      nodes: args.nodeAddresses.map(hostNetwork),
      controlPlane: args.controlPlaneAddresses.map(hostNetwork),
    };
    this.byName = Object.fromEntries(
      firewallNames(args.pools).map((firewall) => [
        firewall,
        this.firewall(`${name}-${firewall}`, firewall, args.region, facts),
      ]),
    );
    const ids = Object.entries(this.byName).map(([firewall, { id }]) => [firewall, id]);
    this.registerOutputs({ byName: Object.fromEntries(ids) });
  }

  private firewall(
    childName: string,
    firewall: string,
    region: string,
    facts: FirewallFacts<pulumi.Input<string>>,
  ): hcloud.Firewall {
    const pool = firewall === everyNode ? undefined : firewall;
    return new hcloud.Firewall(
      childName,
      {
        name: `${region}-${firewall}`,
        labels: hetznerLabels(region, pool),
        rules: firewallRules(firewall, facts),
        applyTos: [{ labelSelector: labelSelector(hetznerLabels(region, pool)) }],
      },
      { parent: this },
    );
  }
}

function hostNetwork(address: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.interpolate`${address}/32`;
}

function labelSelector(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
