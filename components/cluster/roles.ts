import { controlPlanePool, type NodePlan } from "../machines/nodes";

/** How a machine comes into its cluster; `through` is the node whose API server it joins. */
export type NodeRole =
  | { kind: "founding" }
  | { kind: "joining"; through: string }
  | { kind: "agent"; through: string };

/**
 * The role of a node. The first control-plane node founds the cluster, unless it is replaced while others still are the
 * cluster: founding again would make a second cluster of the same name, so then it joins the second one.
 *
 * @throws when no node is of the control plane
 */
export function roleOf(
  node: NodePlan,
  nodes: readonly NodePlan[],
  replace: readonly string[],
): NodeRole {
  const [first, second] = nodes.filter(({ pool }) => pool === controlPlanePool);
  if (first === undefined) throw new Error(`${node.name} has no control-plane node to join`);
  const through = second !== undefined && replace.includes(first.name) ? second.name : first.name;
  if (node.pool !== controlPlanePool) return { kind: "agent", through };
  const founds = node.name === first.name && through === first.name;
  return founds ? { kind: "founding" } : { kind: "joining", through };
}
