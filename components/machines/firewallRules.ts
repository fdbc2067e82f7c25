/** Where a rule lets traffic come from. */
type Source = "everywhere" | "operators" | "nodes" | "controlPlane";

/** A row of the region's firewall. Whatever no row names is closed, port 22 first of all: there is no SSH. */
interface Opening {
  /** The firewall that carries the rule: `nodes` is on every machine, the others on the pool of that name. */
  firewall: string;
  protocol: "tcp" | "udp" | "icmp";
  /** A port or a range `from-to`; nothing for ICMP. */
  port?: string;
  from: readonly Source[];
  /** Why it is open; it becomes the rule's description at Hetzner (at most 255 characters). */
  reason: string;
}

/** The firewall that is on every machine of the region. */
export const everyNode = "nodes";

/**
 * The whole firewall of a region (ports: component-facts 2.9 and capabilities 4.5).
 *
 * VXLAN (8472/udp) is not here, although Cilium uses it: its packets travel inside WireGuard.
 */
const openings: readonly Opening[] = [
  {
    firewall: everyNode,
    protocol: "icmp",
    from: ["everywhere"],
    reason: "path MTU discovery, and the mesh's health checks between regions",
  },
  {
    firewall: everyNode,
    protocol: "udp",
    port: "51871",
    from: ["everywhere"],
    reason:
      "Cilium WireGuard: authenticated, and autoscaled peers' addresses are not known beforehand",
  },
  {
    firewall: everyNode,
    protocol: "tcp",
    port: "32379",
    from: ["everywhere"],
    reason: "cluster mesh: mutual TLS, from the nodes of all regions",
  },
  {
    firewall: everyNode,
    protocol: "tcp",
    port: "4244",
    from: ["nodes"],
    reason: "Hubble relay to the agents of this region",
  },
  {
    firewall: everyNode,
    protocol: "tcp",
    port: "10250",
    from: ["nodes"],
    reason: "kubelet: metrics, logs and exec from this region",
  },
  {
    firewall: "control-plane",
    protocol: "tcp",
    port: "6443",
    from: ["operators", "nodes"],
    reason: "Kubernetes API for operators and for this region's nodes",
  },
  {
    firewall: "control-plane",
    protocol: "tcp",
    port: "2379-2380",
    from: ["controlPlane"],
    reason: "etcd between the control-plane nodes",
  },
  {
    firewall: "edge",
    protocol: "tcp",
    port: "443",
    from: ["everywhere"],
    reason: "HTTPS, by which all players and signalling come",
  },
  {
    firewall: "edge",
    protocol: "tcp",
    port: "80",
    from: ["everywhere"],
    reason: "HTTP, only to redirect to HTTPS",
  },
  {
    firewall: "edge",
    protocol: "udp",
    port: "3478",
    from: ["everywhere"],
    reason: "TURN over UDP",
  },
  {
    firewall: "edge",
    protocol: "tcp",
    port: "3478",
    from: ["everywhere"],
    reason: "TURN over TCP, for viewers whose network has no UDP",
  },
  {
    firewall: "edge",
    protocol: "tcp",
    port: "5349",
    from: ["everywhere"],
    reason: "TURN over TLS, for viewers whose network lets only TLS out",
  },
  {
    firewall: "edge",
    protocol: "udp",
    port: "5349",
    from: ["everywhere"],
    reason: "TURN over DTLS",
  },
  {
    firewall: "ingest",
    protocol: "tcp",
    port: "1935",
    from: ["everywhere"],
    reason: "RTMP from encoders",
  },
  {
    firewall: "ingest",
    protocol: "udp",
    port: "6000",
    from: ["everywhere"],
    reason: "SRT from encoders",
  },
];

/**
 * The networks that the table's sources stand for, as CIDRs. `Network` is text, or text that is not known yet.
 * Their order is kept.
 */
export interface FirewallFacts<Network> {
  /** Networks that operators reach the API from. */
  operators: readonly Network[];
  /** Every static node of the region, one /32 each. */
  nodes: readonly Network[];
  /** Every control-plane node, one /32 each. */
  controlPlane: readonly Network[];
}

/** A rule as Hetzner takes it. */
export interface FirewallRule<Network> {
  direction: "in";
  protocol: "tcp" | "udp" | "icmp";
  port?: string;
  sourceIps: (Network | string)[];
  description: string;
}

/** Source networks that one rule holds at most (Hetzner API, `source_ips`). */
const sourcesPerRule = 100;

/** The firewalls that a region with these pools has: one for every node, and one for each pool with rules of its own. */
export function firewallNames(pools: readonly string[]): string[] {
  const own = new Set(openings.map(({ firewall }) => firewall));
  return [everyNode, ...pools.filter((pool) => own.has(pool))];
}

/** The rules of one firewall. A rule with more sources than Hetzner takes becomes several. */
export function firewallRules<Network>(
  firewall: string,
  facts: FirewallFacts<Network>,
): FirewallRule<Network>[] {
  const networks = { everywhere: ["0.0.0.0/0", "::/0"], ...facts };
  return openings
    .filter((opening) => opening.firewall === firewall)
    .flatMap(({ from, protocol, port, reason }) => {
      const sources = from.flatMap((source): (Network | string)[] => [...networks[source]]);
      const rule = { direction: "in" as const, protocol, description: reason };
      const withPort = port === undefined ? rule : { ...rule, port };
      return chunks(sources, sourcesPerRule).map((sourceIps) =>
        Object.assign({ sourceIps }, withPort),
      );
    });
}

function chunks<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
