import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** The CAs of a cluster and the key that signs service account tokens, by file name below k3s' tls directory. */
export type Authorities = Record<AuthorityFile, string>;

/** The five CAs of a cluster (component-facts 1.1). */
export const authorityNames = [
  "server-ca",
  "client-ca",
  "request-header-ca",
  "etcd/peer-ca",
  "etcd/server-ca",
] as const;

/** One of the five CAs. */
export type AuthorityName = (typeof authorityNames)[number];

/** A file of the set: eleven in all. */
export type AuthorityFile = `${AuthorityName}.${"crt" | "key"}` | "service.key";

/** The eleven files, below k3s' tls directory. */
export const authorityFiles: readonly AuthorityFile[] = [
  ...authorityNames.flatMap((name) => [`${name}.crt`, `${name}.key`] as const),
  "service.key",
];

/** Where k3s keeps a server's certificates and keys. */
export const tlsDirectory = "/var/lib/rancher/k3s/server/tls";

/**
 * The CAs that a machine's files hold.
 *
 * @returns undefined when there is none of the eleven files
 * @throws when the set has a gap or k3s could not use a part of it
 */
export function authoritiesOf(files: ReadonlyMap<string, string>): Authorities | undefined {
  const found = authorityFiles.filter((file) => files.has(`${tlsDirectory}/${file}`));
  if (found.length === 0) return undefined;
  const missing = authorityFiles.filter((file) => !found.includes(file));
  if (missing.length > 0) {
    throw new Error(
      `${tlsDirectory} must hold all of the cluster's CAs or none, missing: ${missing.join(", ")}`,
    );
  }
  const authorities = Object.fromEntries(
    authorityFiles.map((file) => [file, files.get(`${tlsDirectory}/${file}`) ?? ""]),
  ) as Authorities;
  for (const name of authorityNames) checkPair(name, authorities);
  readKey("service.key", authorities["service.key"]);
  return authorities;
}

function checkPair(name: AuthorityName, authorities: Authorities): void {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(authorities[`${name}.crt`]);
  } catch (error) {
    throw new Error(`${name}.crt is not a PEM certificate`, { cause: error });
  }
  if (!certificate.ca) throw new Error(`${name}.crt is not a CA certificate`);
  if (new Date(certificate.validTo) < new Date()) {
    throw new Error(`${name}.crt ended on ${certificate.validTo}`);
  }
  const key = readKey(`${name}.key`, authorities[`${name}.key`]);
  if (!certificate.checkPrivateKey(key)) {
    throw new Error(`${name}.crt and ${name}.key do not belong together`);
  }
}

function readKey(file: string, pem: string): KeyObject {
  const header = /-----BEGIN ([A-Z ]+)-----/.exec(pem)?.[1];
  if (!header || !["EC PRIVATE KEY", "RSA PRIVATE KEY", "PRIVATE KEY"].includes(header)) {
    throw new Error(
      `${file} must be a PEM "EC PRIVATE KEY", "RSA PRIVATE KEY" or "PRIVATE KEY", got ${header ? `"${header}"` : "no PEM"}`,
    );
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new Error(`${file} cannot be read as a private key`, { cause: error });
  }
  if (key.asymmetricKeyType !== "rsa" && key.asymmetricKeyType !== "ec") {
    throw new Error(`${file} must be an RSA or ECDSA key, got ${key.asymmetricKeyType}`);
  }
  return key;
}
