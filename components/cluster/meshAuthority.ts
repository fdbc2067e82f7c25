import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { PairOutputs } from "./leafCertificate";

/** Twenty years, in hours: a new CA cuts every link of the mesh until all regions have it, so it is never renewed by itself. */
const authorityHours = 20 * 365 * 24;

export interface MeshAuthorityArgs {
  /** Whether Pulumi refuses to delete the CA. */
  protect: boolean;
}

/**
 * The CA that all regions' meshes trust. It exists once, in the anchor's stack; the other regions read it there. Users are
 * told apart by the name in their certificate (component-facts 2.4), so whoever has this key can be any user of any mesh.
 */
export class MeshAuthority extends pulumi.ComponentResource {
  /** The CA. Its key is secret. */
  readonly pair: PairOutputs;

  constructor(name: string, args: MeshAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:MeshAuthority", name, {}, opts);
    const key = new tls.PrivateKey(
      `${name}-key`,
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      { parent: this, protect: args.protect },
    );
    const certificate = new tls.SelfSignedCert(
      `${name}-certificate`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: "meridian-mesh", organization: "meridian" },
        isCaCertificate: true,
        allowedUses: ["digital_signature", "cert_signing"],
        setSubjectKeyId: true,
        validityPeriodHours: authorityHours,
      },
      { parent: this, protect: args.protect },
    );
    this.pair = { certificatePem: certificate.certPem, privateKeyPem: key.privateKeyPem };
    this.registerOutputs({ certificatePem: this.pair.certificatePem });
  }
}
