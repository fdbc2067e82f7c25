import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { charts } from "../../versions";
import { Chart } from "./chart";
import type { ApiServer, ChartValues } from "./ciliumValues";

/** Let's Encrypt for a platform that people use, or its rehearsal: no browser trusts that one, and its limits are wide. */
export type AcmeEnvironment = "production" | "staging";

export interface CertManagerArgs {
  acme: {
    environment: AcmeEnvironment;
    /** Where Let's Encrypt writes to when something is wrong with the account. */
    email: string;
  };
  /** Name of the DNS zone that certificates are for. */
  zone: string;
  /** Cloudflare token that may edit that zone and no other. Secret. */
  cloudflareApiToken: pulumi.Input<string>;
  apiServer: ApiServer;
}

const namespaceName = "cert-manager";
const tokenSecret = { name: "cloudflare-api-token", key: "api-token" };

const acmeServers: Readonly<Record<AcmeEnvironment, string>> = {
  production: "https://acme-v02.api.letsencrypt.org/directory",
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
};

/**
 * Certificates of Let's Encrypt, proved by a record in the zone: the global name leads to all regions, so no region could
 * prove by an answer of its own that it has it.
 */
export class CertManager extends pulumi.ComponentResource {
  /** Name of the ClusterIssuer. */
  readonly issuer: string;
  /** Exists once certificates can be asked for. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:CertManager", name, {}, opts);
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: namespaceName } },
      { parent: this },
    );
    const token = new k8s.core.v1.Secret(
      `${name}-token`,
      {
        metadata: { name: tokenSecret.name, namespace: namespace.metadata.name },
        stringData: { [tokenSecret.key]: pulumi.secret(args.cloudflareApiToken) },
      },
      { parent: this },
    );
    const { ready } = new Chart(
      `${name}-chart`,
      {
        pin: charts.certManager,
        namespace: namespaceName,
        values: certManagerValues,
        ready: {
          definitions: ["certificates.cert-manager.io", "clusterissuers.cert-manager.io"],
          workloads: [
            "deployment/cert-manager",
            "deployment/cert-manager-cainjector",
            "deployment/cert-manager-webhook",
          ],
        },
        apiServer: args.apiServer,
      },
      { parent: this, dependsOn: [namespace] },
    );
    this.issuer = `letsencrypt-${args.acme.environment}`;
    this.ready = new k8s.apiextensions.CustomResource(
      `${name}-issuer`,
      {
        apiVersion: "cert-manager.io/v1",
        kind: "ClusterIssuer",
        metadata: { name: this.issuer },
        spec: issuerSpec(args, this.issuer),
      },
      { parent: this, dependsOn: [ready, token] },
    );
    this.registerOutputs({ issuer: this.issuer });
  }
}

function issuerSpec({ acme, zone }: CertManagerArgs, issuer: string): object {
  return {
    acme: {
      server: acmeServers[acme.environment],
      email: acme.email,
      // An account belongs to one server, so each has a key of its own.
      privateKeySecretRef: { name: `${issuer}-account` },
      solvers: [
        {
          selector: { dnsZones: [zone] },
          dns01: { cloudflare: { apiTokenSecretRef: tokenSecret } },
        },
      ],
    },
  };
}

const requests = { requests: { cpu: "10m", memory: "64Mi" } };

/** Values of cert-manager's chart. */
export const certManagerValues: ChartValues = {
  // Kept when the chart goes: with the definitions every certificate would go too.
  crds: { enabled: true, keep: true },
  global: { leaderElection: { namespace: namespaceName } },
  resources: requests,
  cainjector: { resources: requests },
  webhook: { resources: requests },
};
