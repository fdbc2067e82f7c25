import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { Pair } from "./cloudInit";

/** Two years, in hours. */
const leafHours = 2 * 365 * 24;

/** Half a year, in hours: any `up` in that time renews the certificate, so nobody has to remember the day. */
const leafRenewalHours = (365 * 24) / 2;

/** A certificate and its private key, PEM, known once they have been made. The key is secret. */
export type PairOutputs = { [Key in keyof Pair]: pulumi.Output<string> };

/** The same, as it is handed to somebody. */
export type PairInputs = { [Key in keyof Pair]: pulumi.Input<string> };

export interface LeafCertificateArgs {
  /** The CA that signs it. */
  authority: PairInputs;
  commonName: string;
  /** Whether its owner answers calls or makes them. */
  use: "server" | "client";
  /** Host names that it is valid for. */
  dnsNames?: readonly string[];
  /** Addresses that it is valid for. */
  ipAddresses?: readonly pulumi.Input<string>[];
}

/** A certificate for one program (EC P-256, two years), with a key of its own. */
export class LeafCertificate extends pulumi.ComponentResource {
  readonly pair: PairOutputs;

  constructor(name: string, args: LeafCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:LeafCertificate", name, {}, opts);
    const key = new tls.PrivateKey(
      `${name}-key`,
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      { parent: this },
    );
    const request = new tls.CertRequest(
      `${name}-request`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: args.commonName, organization: "meridian" },
        ...(args.dnsNames === undefined ? {} : { dnsNames: [...args.dnsNames] }),
        ...(args.ipAddresses === undefined ? {} : { ipAddresses: [...args.ipAddresses] }),
      },
      { parent: this },
    );
    const certificate = new tls.LocallySignedCert(
      `${name}-certificate`,
      {
        certRequestPem: request.certRequestPem,
        caCertPem: args.authority.certificatePem,
        caPrivateKeyPem: args.authority.privateKeyPem,
        allowedUses: ["digital_signature", `${args.use}_auth`],
        validityPeriodHours: leafHours,
        earlyRenewalHours: leafRenewalHours,
      },
      { parent: this },
    );
    this.pair = { certificatePem: certificate.certPem, privateKeyPem: key.privateKeyPem };
    this.registerOutputs({ certificatePem: this.pair.certificatePem });
  }
}
