import * as pulumi from "@pulumi/pulumi";
import type { Addresses } from "../machines/addresses";
import type { PoolMachine } from "../machines/nodePool";
import { nodeLabels, type NodePlan, nodeTaints } from "../machines/nodes";
import type { Authorities } from "./authorities";
import { agent, foundingServer, joiningServer, withReplacementMark } from "./cloudInit";
import type { ClusterFacts, NodeFacts } from "./k3sConfig";
import { type NodeRole, roleOf } from "./roles";

/** What the machines of one region have in common. */
export interface MachineFacts {
  /** Name of the region. */
  region: string;
  /** Hetzner location code, for example `fsn1`. */
  location: string;
  /** All static nodes of the region. */
  plan: readonly NodePlan[];
  /** Names of the nodes whose machines are to be replaced. */
  replace: readonly string[];
  addresses: Addresses;
  /** What every machine is told alike; some of it is known late. */
  cluster: pulumi.Output<ClusterFacts>;
  authorities: Authorities;
}

/** The machine of a node, with a cloud-init that holds no more secrets than the node's role needs. */
export function machineOf(node: NodePlan, facts: MachineFacts): PoolMachine {
  const replace = facts.replace.includes(node.name);
  const text = userData(node, roleOf(node, facts.plan, facts.replace), facts);
  return {
    node,
    address: facts.addresses.of(node.name),
    replace,
    userData: pulumi.secret(replace ? text.apply(withReplacementMark) : text),
  };
}

function userData(node: NodePlan, role: NodeRole, facts: MachineFacts): pulumi.Output<string> {
  const { addresses, authorities, cluster } = facts;
  const pools = facts.plan.map(({ pool }) => pool);
  const self: pulumi.Output<NodeFacts> = pulumi.output({
    name: node.name,
    address: addresses.of(node.name).ipv4,
    labels: nodeLabels(facts.region, facts.location, node.pool),
    taints: nodeTaints(node.pool, pools),
  });
  const tokens = pulumi.output({ server: authorities.serverToken, agent: authorities.agentToken });
  switch (role.kind) {
    case "founding":
      return pulumi
        .all([cluster, self, tokens, authorities.pairs, authorities.serviceKeyPem])
        .apply(([shared, own, words, pairs, serviceKeyPem]) =>
          foundingServer(shared, own, words, { authorities: pairs, serviceKeyPem }),
        );
    case "joining":
      return pulumi
        .all([cluster, self, tokens, addresses.of(role.through).ipv4])
        .apply(([shared, own, words, join]) => joiningServer(shared, own, words, join));
    case "agent":
      return pulumi
        .all([cluster, self, authorities.agentToken, addresses.of(role.through).ipv4])
        .apply(([shared, own, token, join]) => agent(shared, own, token, join));
    default:
      return role satisfies never;
  }
}
