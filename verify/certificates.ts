import { X509Certificate } from "node:crypto";
import { users } from "./holes";
import type { Kubectl } from "./kubectl";
import type { CertificateSeen } from "./observation";

const day = 24 * 60 * 60 * 1000;

const secretOf = (user: string) => `clustermesh-apiserver-${user}-cert`;

/** Asks for the certificates only: a key never leaves the cluster. */
const format = String.raw`jsonpath={range .items[*]}{.metadata.name} {.data.ca\.crt} {.data.tls\.crt}{"\n"}{end}`;

/** Reads the mesh certificates of a region; one that is missing is left out. @throws KubectlError */
export async function readCertificates(
  kubectl: Kubectl,
  now = Date.now(),
): Promise<CertificateSeen[]> {
  const text = await kubectl.run([
    "get",
    "secrets",
    ...users.map(secretOf),
    "--namespace=kube-system",
    "--ignore-not-found",
    `--output=${format}`,
  ]);
  return certificatesIn(text, now);
}

/** Reads lines `<Secret> <CA> <certificate>`, both PEM in base64; what is no certificate is left out. */
export function certificatesIn(text: string, now: number): CertificateSeen[] {
  const rows = text.split("\n").map((line) => line.split(" "));
  return users.flatMap((user) => {
    const [, authority, leaf] = rows.find(([secret]) => secret === secretOf(user)) ?? [];
    const [ca, certificate] = [parsed(authority), parsed(leaf)];
    return ca && certificate ? [seen(user, ca, certificate, now)] : [];
  });
}

function seen(
  user: string,
  authority: X509Certificate,
  certificate: X509Certificate,
  now: number,
): CertificateSeen {
  const validUntil = new Date(certificate.validTo);
  return {
    user,
    commonName: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? "",
    validUntil: validUntil.toISOString(),
    daysLeft: Math.floor((validUntil.getTime() - now) / day),
    authority: authority.fingerprint256.replaceAll(":", "").toLowerCase(),
    signedByAuthority:
      certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  };
}

function parsed(base64 = ""): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(base64, "base64"));
  } catch {
    return undefined;
  }
}
