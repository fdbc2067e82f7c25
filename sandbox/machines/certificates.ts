import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  webcrypto,
} from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "../clouds/tls/x509";
import { type Authorities, authorityNames } from "./authorities";

/** A certificate with its key, or a CA with its key, as PEM. */
export interface KeyPair {
  certificate: string;
  key: string;
}

/** What a leaf certificate says. */
export interface Leaf {
  commonName: string;
  /** Kubernetes reads these as groups. */
  organizations?: string[];
  usages: ("client" | "server")[];
  /** DNS names and IP addresses of a server. */
  names?: string[];
}

const dayMilliseconds = 24 * 3600 * 1000;
/** Leaf certificates of k3s last 365 days (component-facts 1.1). */
const leafDays = 365;
/** CAs that k3s makes itself last ten years. */
const authorityDays = 3650;

const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
// The library types its engine as the browser's Crypto, which Node's satisfies.
x509.cryptoProvider.set(webcrypto as unknown as Crypto);

/** Issues an EC P-256 certificate. The CA's key may be RSA or ECDSA in any PEM form that k3s takes. */
export async function issueLeaf(authority: KeyPair, leaf: Leaf): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const { publicKey, pem } = await newKey();
  const { key, algorithm } = await importKey(createPrivateKey(authority.key));
  const usages = {
    client: x509.ExtendedKeyUsage.clientAuth,
    server: x509.ExtendedKeyUsage.serverAuth,
  };
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    issuer: issuer.subjectName,
    subject: subject(leaf.commonName, leaf.organizations ?? []),
    ...period(leafDays),
    publicKey,
    signingKey: key,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
        true,
      ),
      new x509.ExtendedKeyUsageExtension(leaf.usages.map((usage) => usages[usage])),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(leaf.names?.length
        ? [
            new x509.SubjectAlternativeNameExtension(
              leaf.names.map((value) => ({
                type: isIP(value) ? ("ip" as const) : ("dns" as const),
                value,
              })),
            ),
          ]
        : []),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: pem };
}

/** Makes the CAs that k3s makes when it finds none. */
export async function createAuthorities(): Promise<Authorities> {
  const files: Record<string, string> = {};
  const stamp = Math.floor(Date.now() / 1000);
  for (const name of authorityNames) {
    const { certificate, key } = await createAuthority(`k3s-${name.replace("/", "-")}@${stamp}`);
    files[`${name}.crt`] = certificate;
    files[`${name}.key`] = key;
  }
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  files["service.key"] = String(privateKey.export({ type: "pkcs1", format: "pem" }));
  return files as Authorities;
}

async function createAuthority(commonName: string): Promise<KeyPair> {
  const { publicKey, privateKey, pem } = await newKey();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    issuer: subject(commonName, []),
    subject: subject(commonName, []),
    ...period(authorityDays),
    publicKey,
    signingKey: privateKey,
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature |
          x509.KeyUsageFlags.keyEncipherment |
          x509.KeyUsageFlags.keyCertSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: pem };
}

async function newKey(): Promise<{ publicKey: CryptoKey; privateKey: CryptoKey; pem: string }> {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { key } = await importKey(pair.privateKey);
  const spki = pair.publicKey.export({ type: "spki", format: "der" });
  return {
    publicKey: await webcrypto.subtle.importKey("spki", spki, ecdsa, true, ["verify"]),
    privateKey: key,
    pem: String(pair.privateKey.export({ type: "sec1", format: "pem" })),
  };
}

interface SigningKey {
  key: CryptoKey;
  algorithm: { name: string; hash: string };
}

async function importKey(key: KeyObject): Promise<SigningKey> {
  const curves: Record<string, string> = {
    prime256v1: "P-256",
    secp384r1: "P-384",
    secp521r1: "P-521",
  };
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const algorithm =
    key.asymmetricKeyType === "rsa"
      ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
      : { name: "ECDSA", namedCurve: curves[curve ?? ""] ?? "", hash: "SHA-256" };
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  return {
    key: await webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"]),
    algorithm,
  };
}

function subject(commonName: string, organizations: string[]): x509.JsonName {
  return [...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }];
}

function period(days: number): { notBefore: Date; notAfter: Date } {
  // An hour back, so that a clock that lags still accepts it.
  const notBefore = new Date(Date.now() - 3600 * 1000);
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * dayMilliseconds) };
}

function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString("hex");
}
