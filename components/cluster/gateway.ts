import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface GatewayArgs {
  /** Host names that the region answers to: its own and the global one. */
  hostNames: readonly string[];
  /** Name of the ClusterIssuer that makes the certificate. */
  issuer: string;
}

/** Label of the namespaces whose routes the gateway takes. */
const gatewayAccess = { "meridian.dev/gateway": "edge" };

/** The gateway's name and namespace, for the routes that hang on it. */
const edgeGateway = { name: "edge", namespace: "gateway" };

const certificateSecret = "edge-certificate";

/**
 * The region's way in for HTTP: Cilium listens on the edge nodes' own addresses, 443 with one certificate for all of the
 * region's names and 80 only to send people there.
 */
export class Gateway extends pulumi.ComponentResource {
  /** The gateway object. */
  readonly gateway: k8s.apiextensions.CustomResource;

  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:Gateway", name, {}, opts);
    const { namespace: namespaceName } = edgeGateway;
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: namespaceName, labels: gatewayAccess } },
      { parent: this },
    );
    const inNamespace = { parent: this, dependsOn: [namespace] };
    new k8s.apiextensions.CustomResource(
      `${name}-certificate`,
      {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: { name: certificateSecret, namespace: namespaceName },
        spec: {
          secretName: certificateSecret,
          dnsNames: [...args.hostNames],
          issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: args.issuer },
          privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        },
      },
      inNamespace,
    );
    this.gateway = new k8s.apiextensions.CustomResource(
      `${name}-gateway`,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: edgeGateway,
        spec: { gatewayClassName: "cilium", listeners },
      },
      inNamespace,
    );
    new k8s.apiextensions.CustomResource(
      `${name}-redirect`,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata: { name: "redirect-to-https", namespace: namespaceName },
        spec: redirect,
      },
      { parent: this, dependsOn: [this.gateway] },
    );
    this.registerOutputs({ gateway: edgeGateway.name, hostNames: args.hostNames });
  }
}

const listeners = [
  {
    name: "http",
    port: 80,
    protocol: "HTTP",
    // Nobody but the redirect, which lives beside the gateway.
    allowedRoutes: { namespaces: { from: "Same" } },
  },
  {
    name: "https",
    port: 443,
    protocol: "HTTPS",
    // With the API's defaults written out: it would add them to a list that one manager owns as a whole, and an `up`
    // that goes on after an interrupted one would then find that list changed by a stranger.
    tls: {
      mode: "Terminate",
      certificateRefs: [{ group: "", kind: "Secret", name: certificateSecret }],
    },
    allowedRoutes: { namespaces: { from: "Selector", selector: { matchLabels: gatewayAccess } } },
  },
];

/** Everything that comes in clear is sent to HTTPS. The API's defaults are written out, for the reason above. */
const redirect = {
  parentRefs: [
    {
      group: "gateway.networking.k8s.io",
      kind: "Gateway",
      name: edgeGateway.name,
      sectionName: "http",
    },
  ],
  rules: [
    {
      matches: [{ path: { type: "PathPrefix", value: "/" } }],
      filters: [
        {
          type: "RequestRedirect",
          requestRedirect: { scheme: "https", statusCode: 301 },
        },
      ],
    },
  ],
};
