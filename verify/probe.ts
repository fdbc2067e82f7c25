import { randomInt } from "node:crypto";
import ipaddr from "ipaddr.js";

/** The namespace that is made for the time of a look. */
export const namespace = "meridian-verify";

/** Says that an object is ours. */
export const ownLabel = { key: "app.kubernetes.io/managed-by", value: "meridian-verify" };

const ownLabels = { [ownLabel.key]: ownLabel.value };

/** Name of the Service and of the hand-made slice. */
export const probeName = "probe";

const port = { name: "probe", port: 4369, protocol: "TCP" };

/** The namespace and the headless Service that all regions share, as a list that kubectl takes. */
export function sharedObjects(): object {
  return {
    apiVersion: "v1",
    kind: "List",
    items: [
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: {
          name: namespace,
          labels: { ...ownLabels, "pod-security.kubernetes.io/enforce": "restricted" },
          annotations: { "clustermesh.cilium.io/global": "true" },
        },
      },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: {
          name: probeName,
          namespace,
          labels: ownLabels,
          annotations: { "service.cilium.io/global": "true" },
        },
        // No selector: the slices are ours, so no pod and no image is needed.
        spec: { clusterIP: "None", ipFamilyPolicy: "SingleStack", ports: [port] },
      },
    ],
  };
}

/** The hand-made slice of a region: its endpoint is known by this address alone. */
export function probeSlice(address: string): object {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: probeName,
      namespace,
      labels: {
        "kubernetes.io/service-name": probeName,
        "endpointslice.kubernetes.io/managed-by": "meridian-verify",
      },
    },
    addressType: "IPv4",
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [port],
  };
}

/**
 * Any address of an IPv4 range but its first and last. It is another one each time, because a region whose mesh server
 * is down still shows what it knew before. Whether a pod has it as well makes no difference: nobody calls the Service.
 */
export function anyAddress(
  cidr: string,
  random: (from: number, below: number) => number = randomInt,
): string {
  const [network, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  const base = network.toByteArray().reduce((value, byte) => value * 256 + byte, 0);
  const value = base + random(1, 2 ** (32 - prefix) - 1);
  return [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join(".");
}
