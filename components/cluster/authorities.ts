import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import type { AuthorityName, Pair } from "./cloudInit";
import { joinToken } from "./token";

/**
 * Twenty years, in hours. A CA that ends takes the region's every machine with it, and an early renewal would change
 * every machine's user data, so they outlive the hardware and are never renewed.
 */
const authorityHours = 20 * 365 * 24;

/** Two years, in hours: the longest that a copied kubeconfig of somebody who left stays of use. */
const adminHours = 2 * 365 * 24;

/** Half a year, in hours: any `up` in that time renews the certificate, so nobody has to remember the day. */
const adminRenewalHours = (365 * 24) / 2;

export interface AuthoritiesArgs {
  /** Name of the region; it stands in every subject, so that a certificate tells where it is from. */
  region: string;
  /** Whether Pulumi refuses to delete the CAs, the service key and the tokens. */
  protect: boolean;
}

/** A pair whose values are known once it has been made. */
type PairOutputs = { [Key in keyof Pair]: pulumi.Output<string> };

/**
 * All keys of one cluster: k3s' five CAs, each signing for itself so that none opens what another guards, the key of
 * service account tokens, both join tokens and the administrator's certificate (component-facts 1.1, 1.2).
 */
export class Authorities extends pulumi.ComponentResource {
  /** The CAs, by the name of their file in k3s. */
  readonly pairs: Readonly<Record<AuthorityName, PairOutputs>>;
  /** RSA key that signs service account tokens, PEM. Secret. */
  readonly serviceKeyPem: pulumi.Output<string>;
  /** Certificate and key of the cluster's administrator. The key is secret. */
  readonly admin: PairOutputs;
  /** Token by which servers join. Secret. */
  readonly serverToken: pulumi.Output<string>;
  /** Token by which agents join. Secret. */
  readonly agentToken: pulumi.Output<string>;

  constructor(name: string, args: AuthoritiesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:Authorities", name, {}, opts);
    const pair = (authority: AuthorityName) => this.authority(name, authority, args);
    this.pairs = {
      "server-ca": pair("server-ca"),
      "client-ca": pair("client-ca"),
      "request-header-ca": pair("request-header-ca"),
      "etcd/peer-ca": pair("etcd/peer-ca"),
      "etcd/server-ca": pair("etcd/server-ca"),
    };
    this.serviceKeyPem = new tls.PrivateKey(
      `${name}-service-key`,
      // As k3s makes it: API servers of every version read RSA here.
      { algorithm: "RSA", rsaBits: 2048 },
      { parent: this, protect: args.protect },
    ).privateKeyPem;
    this.admin = this.adminCertificate(name, args.region);
    const serverCa = this.pairs["server-ca"].certificatePem;
    this.serverToken = pulumi
      .all([serverCa, this.password(`${name}-server-password`, args)])
      .apply(([caPem, password]) => joinToken(caPem, "server", password));
    this.agentToken = pulumi
      .all([serverCa, this.password(`${name}-agent-password`, args)])
      .apply(([caPem, password]) => joinToken(caPem, "node", password));
    this.registerOutputs({
      pairs: this.pairs,
      serviceKeyPem: this.serviceKeyPem,
      admin: this.admin,
      serverToken: this.serverToken,
      agentToken: this.agentToken,
    });
  }

  private authority(name: string, authority: AuthorityName, args: AuthoritiesArgs): PairOutputs {
    const suffix = authority.replace("/", "-");
    const key = new tls.PrivateKey(
      `${name}-${suffix}-key`,
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      { parent: this, protect: args.protect },
    );
    const certificate = new tls.SelfSignedCert(
      `${name}-${suffix}`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: `${args.region}-${suffix}`, organization: "meridian" },
        isCaCertificate: true,
        allowedUses: ["digital_signature", "key_encipherment", "cert_signing"],
        // k3s compares it with the authority key id of each leaf and makes the leaf again when they differ.
        setSubjectKeyId: true,
        validityPeriodHours: authorityHours,
      },
      { parent: this, protect: args.protect },
    );
    return { certificatePem: certificate.certPem, privateKeyPem: key.privateKeyPem };
  }

  private adminCertificate(name: string, region: string): PairOutputs {
    const key = new tls.PrivateKey(
      `${name}-admin-key`,
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      { parent: this },
    );
    const request = new tls.CertRequest(
      `${name}-admin-request`,
      {
        privateKeyPem: key.privateKeyPem,
        // The group is Kubernetes' own for administrators; the name is what the audit log shows.
        subject: { organization: "system:masters", commonName: `meridian-admin-${region}` },
      },
      { parent: this },
    );
    const clientCa = this.pairs["client-ca"];
    const certificate = new tls.LocallySignedCert(
      `${name}-admin`,
      {
        certRequestPem: request.certRequestPem,
        caCertPem: clientCa.certificatePem,
        caPrivateKeyPem: clientCa.privateKeyPem,
        allowedUses: ["digital_signature", "key_encipherment", "client_auth"],
        validityPeriodHours: adminHours,
        earlyRenewalHours: adminRenewalHours,
      },
      { parent: this },
    );
    return { certificatePem: certificate.certPem, privateKeyPem: key.privateKeyPem };
  }

  /** Half of a join token. It encrypts what servers hand to each other, so a lost one is a lost etcd backup. */
  private password(childName: string, args: AuthoritiesArgs): pulumi.Output<string> {
    return new random.RandomPassword(
      childName,
      // Letters and digits only: a colon would end the token's user, a quote the line of a shell.
      { length: 48, special: false },
      { parent: this, protect: args.protect },
    ).result;
  }
}
