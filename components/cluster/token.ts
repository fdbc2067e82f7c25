import { createHash } from "node:crypto";

/** The two users of k3s' join tokens: servers join with full rights, agents only as nodes. */
export type TokenUser = "server" | "node";

/**
 * A k3s join token in its full form, `K10<hash>::<user>:<password>`: a joining machine refuses an API server whose CA
 * does not have that hash.
 *
 * k3s hashes a bundle of exactly one certificate as the literal bytes of its PEM file, the last newline included
 * (component-facts 1.2), so the certificate must be written to disk byte for byte as it is given here.
 *
 * @throws when the bundle does not hold exactly one certificate, for which another rule would apply
 */
export function joinToken(caPem: string, user: TokenUser, password: string): string {
  const certificates = caPem.match(/-----BEGIN CERTIFICATE-----/gu)?.length ?? 0;
  if (certificates !== 1) {
    throw new Error(`the server CA must be exactly one PEM certificate, got ${certificates}`);
  }
  const hash = createHash("sha256").update(caPem, "utf8").digest("hex");
  return `K10${hash}::${user}:${password}`;
}
