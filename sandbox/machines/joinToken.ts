import { createHash, X509Certificate } from "node:crypto";

/** What a cluster lets in, and the CA by which a joining machine recognises it. */
export interface JoinSecrets {
  /** Password of the server token. */
  serverPassword: string;
  /** Password of the agent token; the server's when none is set. */
  agentPassword: string;
  /** The live server-ca.crt, byte for byte. */
  serverCa: string;
}

/**
 * The password in a k3s token: the last part of `K10<hash>::<user>:<password>`, or the whole of the short form.
 *
 * @throws when a token of the full form is malformed
 */
export function tokenPassword(token: string): string {
  return parseToken(token).password;
}

/**
 * Decides as k3s does whether a machine may join.
 *
 * @returns undefined when it may, else the reason
 */
export function refuseToken(
  token: string,
  role: "server" | "agent",
  cluster: JoinSecrets,
): string | undefined {
  let parsed: Token;
  try {
    parsed = parseToken(token);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const hash = caHash(cluster.serverCa);
  if (parsed.hash && parsed.hash !== hash) {
    return `token CA hash does not match the Cluster CA certificate hash: ${parsed.hash} != ${hash}`;
  }
  const accepted =
    role === "server" ? [cluster.serverPassword] : [cluster.agentPassword, cluster.serverPassword];
  if (accepted.includes(parsed.password)) return undefined;
  return `the cluster answers 401 Unauthorized: the password in the token is not that of the cluster's ${role} token`;
}

/**
 * The hash in a full token: SHA-256 over the literal PEM when the bundle holds one certificate, over the DER of the
 * last one (the root) when it is a chain (component-facts 1.2).
 */
export function caHash(bundle: string): string {
  const certificates =
    bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const root = certificates.at(-1);
  const bytes = certificates.length > 1 && root ? new X509Certificate(root).raw : bundle;
  return createHash("sha256").update(bytes).digest("hex");
}

interface Token {
  hash?: string;
  password: string;
}

function parseToken(token: string): Token {
  if (/^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(token)) {
    throw new Error("bootstrap tokens (xxxxxx.xxxxxxxxxxxxxxxx) are not known to this cluster");
  }
  if (!token.startsWith("K10")) {
    if (token === "") throw new Error("token must not be empty");
    const [first = "", ...rest] = token.split(":");
    return { password: rest.length > 0 ? rest.join(":") : first };
  }
  const [, hash, user, password] = /^K10([0-9a-f]{64})::([^:]+):(.+)$/s.exec(token) ?? [];
  if (!hash || !user || !password) {
    throw new Error("invalid token format: must be K10<CA hash>::<user>:<password>");
  }
  return { hash, password };
}
