import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { LeafCertificate, type PairOutputs } from "./leafCertificate";

/** Twenty years, in hours. */
const authorityHours = 20 * 365 * 24;

export interface HubbleCertificatesArgs {
  /** Name of the region. */
  region: string;
  /** Whether Pulumi refuses to delete the CA. */
  protect: boolean;
}

/**
 * Certificates by which Hubble's relay reads the flows of the region's nodes. They have a CA of their own in each region:
 * whoever Hubble's server trusts sees all traffic, and no other region needs to.
 */
export class HubbleCertificates extends pulumi.ComponentResource {
  readonly authorityPem: pulumi.Output<string>;
  /** What each node shows. */
  readonly server: PairOutputs;
  /** What the relay shows. */
  readonly relay: PairOutputs;

  constructor(name: string, args: HubbleCertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:HubbleCertificates", name, {}, opts);
    const key = new tls.PrivateKey(
      `${name}-authority-key`,
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      { parent: this, protect: args.protect },
    );
    const authority = new tls.SelfSignedCert(
      `${name}-authority`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: `${args.region}-hubble`, organization: "meridian" },
        isCaCertificate: true,
        allowedUses: ["digital_signature", "cert_signing"],
        setSubjectKeyId: true,
        validityPeriodHours: authorityHours,
      },
      { parent: this, protect: args.protect },
    );
    const pair = { certificatePem: authority.certPem, privateKeyPem: key.privateKeyPem };
    this.authorityPem = authority.certPem;
    // Both names are the ones that Hubble's relay asks for, or the chart makes for it (component-facts 2.4).
    const server = `*.${args.region}.hubble-grpc.cilium.io`;
    this.server = new LeafCertificate(
      `${name}-server`,
      { authority: pair, commonName: server, use: "server", dnsNames: [server] },
      { parent: this },
    ).pair;
    const relay = "*.hubble-relay.cilium.io";
    this.relay = new LeafCertificate(
      `${name}-relay`,
      { authority: pair, commonName: relay, use: "client", dnsNames: [relay] },
      { parent: this },
    ).pair;
    this.registerOutputs({ authorityPem: this.authorityPem });
  }
}
