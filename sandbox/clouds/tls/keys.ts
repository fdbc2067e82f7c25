import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/** Names of key algorithms, as the real provider's `algorithm` and `keyAlgorithm` have them. */
export type KeyAlgorithm = "RSA" | "ECDSA" | "ED25519";

/** Elliptic curves by the provider's name. P224 is known to OpenSSL only: no certificate can be signed with it here. */
export const curves = {
  P224: { openssl: "secp224r1", ssh: undefined, hash: undefined },
  P256: { openssl: "prime256v1", ssh: "nistp256", hash: "SHA-256" },
  P384: { openssl: "secp384r1", ssh: "nistp384", hash: "SHA-384" },
  P521: { openssl: "secp521r1", ssh: "nistp521", hash: "SHA-512" },
} as const;

export type CurveName = keyof typeof curves;

/** A private key with what signing by web cryptography needs. */
export interface SigningKey {
  algorithm: KeyAlgorithm;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  signingAlgorithm: Algorithm & { hash?: string };
  /** Public key as DER (SubjectPublicKeyInfo). */
  spki: Uint8Array<ArrayBuffer>;
}

/**
 * Reads a private key in any form that the providers emit (PKCS1, SEC1 or PKCS8 PEM).
 *
 * @param property the input that holds it, for the error
 * @throws when it is not such a key, or its curve cannot sign certificates
 */
export async function signingKey(property: string, pem: string): Promise<SigningKey> {
  const key = readPrivateKey(property, pem);
  const publicKey = createPublicKey(key);
  const spki = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
  const algorithm = algorithmOf(key);
  const { parameters, signing } = webAlgorithms(property, key);
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  return {
    algorithm,
    spki,
    signingAlgorithm: signing,
    privateKey: await crypto.subtle.importKey("pkcs8", pkcs8, parameters, true, ["sign"]),
    publicKey: await crypto.subtle.importKey("spki", spki, parameters, true, ["verify"]),
  };
}

/** The provider's name of a key's algorithm. */
export function algorithmOf(key: KeyObject): KeyAlgorithm {
  if (key.asymmetricKeyType === "rsa") return "RSA";
  if (key.asymmetricKeyType === "ec") return "ECDSA";
  if (key.asymmetricKeyType === "ed25519") return "ED25519";
  throw new Error(
    `key type must be RSA, ECDSA or ED25519, got ${key.asymmetricKeyType ?? "a secret key"}`,
  );
}

/** The curve of an EC key. */
export function curveOf(key: KeyObject): CurveName {
  const name = key.asymmetricKeyDetails?.namedCurve;
  const found = Object.entries(curves).find(([, { openssl }]) => openssl === name);
  if (!found)
    throw new Error(
      `curve must be one of ${Object.keys(curves).join(", ")}, got ${name ?? "none"}`,
    );
  return found[0] as CurveName;
}

/** Id of what has no name of its own: SHA-1 as hex, as the real provider does. */
export const stateId = (content: string | Buffer) =>
  createHash("sha1").update(content).digest("hex");

function readPrivateKey(property: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error(`${property} must be a private key in PEM form (PKCS1, SEC1 or PKCS8)`);
  }
}

function webAlgorithms(property: string, key: KeyObject) {
  const algorithm = algorithmOf(key);
  if (algorithm === "ED25519") {
    return { parameters: { name: "Ed25519" }, signing: { name: "Ed25519" } };
  }
  if (algorithm === "RSA") {
    const parameters = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    return { parameters, signing: parameters };
  }
  const curve = curveOf(key);
  const { hash } = curves[curve];
  if (!hash)
    throw new Error(
      `${property} is on curve ${curve}, which the sandbox cannot sign with; take P256, P384 or P521`,
    );
  return {
    parameters: { name: "ECDSA", namedCurve: `P-${curve.slice(1)}` },
    signing: { name: "ECDSA", hash },
  };
}
