/** What a node is, before any resource of it exists. */
export interface NodePlan {
  /** Name of the server, of its Primary IP and of the Kubernetes node: `<region>-<pool>-<n>`. */
  name: string;
  /** Name of the pool that the node belongs to. */
  pool: string;
  /** Number of the node in its pool, from 1. */
  number: number;
}

/** One pool of a stack file. */
export interface PoolSettings {
  /** Hetzner server type, for example `ccx13`. */
  type: string;
  /** Number of static servers, at least 1. */
  count: number;
}

/** The pool whose machines run the control plane. */
export const controlPlanePool = "control-plane";

/** The pool whose own addresses take the public's traffic. */
export const edgePool = "edge";

/** Servers that one spread placement group holds at most (Hetzner; capabilities 4.1). */
export const placementGroupSize = 10;

/** The static nodes of one pool, in order. Names depend on nothing but the pool and the number. */
export function poolNodes(region: string, pool: string, count: number): NodePlan[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${region}-${pool}-${index + 1}`,
    pool,
    number: index + 1,
  }));
}

/** The static nodes of every pool, in the stack file's order. */
export function regionNodes(
  region: string,
  pools: Readonly<Record<string, PoolSettings>>,
): NodePlan[] {
  return Object.entries(pools).flatMap(([pool, { count }]) => poolNodes(region, pool, count));
}

/** Number (from 1) of the placement group of a node: filled in order, so that a growing pool moves nobody. */
export function placementGroupOf(nodeNumber: number): number {
  return Math.ceil(nodeNumber / placementGroupSize);
}

/** Numbers of all placement groups that a pool of this size needs. */
export function placementGroups(count: number): number[] {
  return Array.from({ length: placementGroupOf(count) }, (_, index) => index + 1);
}

/** Labels of the Hetzner resources of a pool; firewalls find their servers by them, autoscaled ones included. */
export function hetznerLabels(region: string, pool?: string): Record<string, string> {
  return {
    "meridian.dev/region": region,
    ...(pool === undefined ? {} : { "meridian.dev/pool": pool }),
  };
}

/**
 * Labels that a node registers with. The kubelet may not give itself `node-role.kubernetes.io/…`, so the pool is a
 * label of our own; the topology label is what the cloud controller sets as well, there from the first second.
 */
export function nodeLabels(region: string, location: string, pool: string): Record<string, string> {
  return { ...hetznerLabels(region, pool), "topology.kubernetes.io/region": location };
}

/**
 * Taints that a node registers with, as `key=value:effect`. Control-plane nodes take no ordinary work, unless there is
 * no other pool to take it.
 */
export function nodeTaints(pool: string, pools: readonly string[]): string[] {
  const alone = pools.every((other) => other === controlPlanePool);
  return pool === controlPlanePool && !alone
    ? ["node-role.kubernetes.io/control-plane=:NoSchedule"]
    : [];
}
