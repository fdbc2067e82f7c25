import { randomBytes } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  type Name,
  PublicKey,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "./x509";
import type { Properties } from "../../provider/resourceType";
import type { SigningKey } from "./keys";
import { hasEnded } from "./renewal";
import { usageExtensions } from "./usages";

const hour = 3_600_000;

/** Everything about a certificate that its inputs do not say in the same words. */
interface Issue {
  /** `allowedUses`, `isCaCertificate`, `maxPathLength`, `setSubjectKeyId`, `validityPeriodHours`, `earlyRenewalHours`. */
  inputs: Properties;
  subject: Name;
  issuer: Name;
  /** Public key of the subject as DER (SubjectPublicKeyInfo). */
  spki: Uint8Array<ArrayBuffer>;
  signer: SigningKey;
  /** As lower-case hex. */
  authorityKeyId: string | undefined;
  alternativeNames: readonly Extension[];
}

/** Signs a certificate and answers its id (the serial number) and the outputs that both kinds have. */
export async function issue(order: Issue): Promise<{ id: string; outputs: Properties }> {
  const { inputs } = order;
  const start = new Date(Math.floor(Date.now() / 1000) * 1000);
  const end = new Date(start.getTime() + (inputs["validityPeriodHours"] as number) * hour);
  const serial = randomBytes(16);
  // A serial number is positive and has no leading zero byte: RFC 5280 section 4.1.2.2.
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial.toString("hex"),
    subject: order.subject,
    issuer: order.issuer,
    notBefore: start,
    notAfter: end,
    publicKey: order.spki,
    signingKey: order.signer.privateKey,
    signingAlgorithm: order.signer.signingAlgorithm,
    extensions: await extensions(order),
  });
  const validityEndTime = timestamp(end);
  return {
    id: BigInt(`0x${serial.toString("hex")}`).toString(),
    outputs: {
      certPem: `${certificate.toString("pem").trimEnd()}\n`,
      validityStartTime: timestamp(start),
      validityEndTime,
      readyForRenewal: hasEnded(validityEndTime, inputs["earlyRenewalHours"]),
    },
  };
}

/** SHA-1 of the public key's bits, as lower-case hex: method 1 of RFC 5280 section 4.2.1.2. */
export async function keyIdOf(spki: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await new PublicKey(spki).getKeyIdentifier()).toString("hex");
}

/** The subject key identifier that a certificate carries, if any. */
export function subjectKeyIdOf(certificate: X509Certificate): string | undefined {
  return certificate.getExtension(SubjectKeyIdentifierExtension)?.keyId;
}

async function extensions(order: Issue): Promise<Extension[]> {
  const { inputs, authorityKeyId } = order;
  const ca = inputs["isCaCertificate"] === true;
  const length = inputs["maxPathLength"] as number;
  const list: Extension[] = [
    ...usageExtensions(inputs["allowedUses"] as string[]),
    new BasicConstraintsExtension(ca, ca && length >= 0 ? length : undefined, true),
  ];
  // A CA gets one unasked, as in the library of the real provider.
  if (ca || inputs["setSubjectKeyId"] === true) {
    list.push(new SubjectKeyIdentifierExtension(await keyIdOf(order.spki)));
  }
  if (authorityKeyId !== undefined) list.push(new AuthorityKeyIdentifierExtension(authorityKeyId));
  return [...list, ...order.alternativeNames];
}

const timestamp = (date: Date) => date.toISOString().replace(/\.\d+Z$/, "Z");
