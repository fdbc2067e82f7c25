import { podMtu } from "./mtu";

/** Where programs on a node reach the API server without a Service. */
export interface ApiServer {
  host: string;
  port: number;
}

/** k3s listens there on every machine and forwards to an API server that is alive (component-facts 1.3). */
export const k3sApiServer: ApiServer = { host: "127.0.0.1", port: 6444 };

/** Another region, as the mesh finds it. */
export interface MeshPeer {
  /** Name of the region. */
  name: string;
  /** Host name that leads to the region's nodes. */
  address: string;
}

/** What Cilium is told of the region that it runs in. */
export interface CiliumFacts {
  /** Name of the region, which is Cilium's name of the cluster. */
  region: string;
  /** Cilium's id of the cluster, 1 to 255. */
  clusterId: number;
  /** Addresses of pods (IPv4 CIDR). */
  podCidr: string;
  apiServer: ApiServer;
  /** Bytes that the network between the nodes carries in one packet, the same in every region. */
  underlayMtu: number;
  /** The other regions. */
  peers: readonly MeshPeer[];
  /** Labels of the nodes whose own addresses take web traffic. */
  gatewayNodes: Readonly<Record<string, string>>;
}

/** Values of a chart: what would stand in its values file. */
export type ChartValues = Record<string, unknown>;

/** Port of the mesh on every node; the firewall opens it to the other regions (component-facts 2.9). */
const meshPort = 32_379;

/**
 * Taints that a node has before Cilium and the cloud controller have made it whole, and the control plane's own. The
 * operator hands out the pods' addresses, so it must run before all that (component-facts 2.5); the chart adds Cilium's
 * own taint by itself.
 */
const operatorTolerations = [
  "node-role.kubernetes.io/control-plane",
  "node.kubernetes.io/not-ready",
  "node.cloudprovider.kubernetes.io/uninitialized",
].map((key) => ({ key, operator: "Exists" }));

/**
 * Every value that Cilium's chart is given; what is not here is the chart's own (component-facts 2.3 to 2.7). Nothing in
 * it is secret: certificates are in Secrets that the chart finds by name.
 *
 * @throws when the region is among its own peers, or when the MTU leaves too little for the pods
 */
export function ciliumValues(facts: CiliumFacts): ChartValues {
  podMtu(facts.underlayMtu);
  return {
    cluster: { name: facts.region, id: facts.clusterId },
    ...networkValues(facts),
    encryption: {
      enabled: true,
      type: "wireguard",
      // Between nodes themselves everything has TLS of its own; encrypting it as well has cost others traffic.
      nodeEncryption: false,
    },
    clustermesh: meshValues(facts),
    ...gatewayValues(facts),
    hubble: {
      enabled: true,
      relay: {
        enabled: true,
        rollOutPods: true,
        resources: { requests: { cpu: "10m", memory: "64Mi" } },
        tls: { client: { existingSecret: "hubble-relay-client-certs" } },
      },
      // Certificates that the chart makes are new at every upgrade and end unnoticed after a year without one.
      tls: { auto: { enabled: false }, server: { existingSecret: "hubble-server-certs" } },
    },
    // Agents read the Secrets of policies in one namespace, not every Secret of the cluster.
    tls: { readSecretsOnlyFromSecretsNamespace: true, secretSync: { enabled: true } },
    operator: { tolerations: operatorTolerations, rollOutPods: true },
    // A changed setting is read by a restarted agent only; without it the change waits for the next accident.
    rollOutCiliumPods: true,
    prometheus: { enabled: true },
  };
}

function networkValues(facts: CiliumFacts): ChartValues {
  return {
    ipam: {
      mode: "cluster-pool",
      operator: {
        clusterPoolIPv4PodCIDRList: [facts.podCidr],
        // 254 addresses a node, more than the 110 pods that the kubelet takes.
        clusterPoolIPv4MaskSize: 24,
      },
    },
    kubeProxyReplacement: true,
    k8sServiceHost: facts.apiServer.host,
    k8sServicePort: facts.apiServer.port,
    routingMode: "tunnel",
    tunnelProtocol: "vxlan",
    // Left to itself Cilium takes the smallest of a node's cards, so one more card would change it in one region.
    MTU: facts.underlayMtu,
    bpf: { masquerade: true },
  };
}

/** What each program of the mesh took at rest, with room to grow (toolchain 6: 50 to 101 MiB). */
const meshRequests = { requests: { cpu: "50m", memory: "128Mi" } };

function meshValues({ region, peers }: CiliumFacts): ChartValues {
  if (peers.some(({ name }) => name === region)) {
    throw new Error(`region ${region} is among its own peers; a mesh lists the other regions only`);
  }
  return {
    useAPIServer: true,
    maxConnectedClusters: 255,
    // The default never forgets what a region that is gone had last.
    cacheTTL: "15m",
    enableEndpointSliceSynchronization: true,
    // Tenants have namespaces of the same name in each region; only a namespace that asks for it spans them.
    defaultGlobalNamespace: false,
    policyDefaultLocalCluster: true,
    config: {
      enabled: true,
      clusters: Object.fromEntries(
        peers.map(({ name, address }) => [name, { address, port: meshPort }]),
      ),
    },
    apiserver: {
      // Each holds the whole mesh in memory: the loss of one node is then no gap for the other regions.
      replicas: 2,
      resources: meshRequests,
      etcd: { resources: meshRequests },
      kvstoremesh: { enabled: true, resources: meshRequests },
      podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
      service: { type: "NodePort", nodePort: meshPort },
      tls: { authMode: "cluster", auto: { enabled: false } },
    },
  };
}

/** How traffic comes in: all of it on addresses of nodes, for Hetzner's load balancers carry no UDP. */
function gatewayValues({ gatewayNodes }: CiliumFacts): ChartValues {
  return {
    nodeIPAM: { enabled: true },
    defaultLBServiceIPAM: "nodeipam",
    gatewayAPI: {
      enabled: true,
      gatewayClass: { create: "true" },
      hostNetwork: { enabled: true, nodes: { matchLabels: { ...gatewayNodes } } },
    },
    envoy: {
      rollOutPods: true,
      securityContext: {
        capabilities: {
          // Ports 80 and 443; the other two are the chart's own list, which this one takes the place of.
          keepCapNetBindService: true,
          envoy: ["NET_ADMIN", "SYS_ADMIN", "NET_BIND_SERVICE"],
        },
      },
    },
  };
}
