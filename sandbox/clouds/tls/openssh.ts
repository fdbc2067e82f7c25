import { createHash, type KeyObject, randomBytes } from "node:crypto";
import { algorithmOf, curveOf, curves } from "./keys";

/** The OpenSSH forms of a key pair; empty for curve P224, which OpenSSH does not know. */
export interface OpensshKey {
  privateKeyOpenssh: string;
  publicKeyOpenssh: string;
  publicKeyFingerprintMd5: string;
  publicKeyFingerprintSha256: string;
}

/** Encodes a private key as OpenSSH does (its PROTOCOL.key, without passphrase or comment). */
export function opensshKey(privateKey: KeyObject): OpensshKey {
  const parts = wireParts(privateKey);
  if (!parts) {
    return {
      privateKeyOpenssh: "",
      publicKeyOpenssh: "",
      publicKeyFingerprintMd5: "",
      publicKeyFingerprintSha256: "",
    };
  }
  const blob = strings(parts.type, ...parts.public);
  const md5 = createHash("md5").update(blob).digest("hex").match(/../g)!.join(":");
  const sha256 = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
  return {
    privateKeyOpenssh: privateKeyFile(blob, parts),
    publicKeyOpenssh: `${parts.type} ${blob.toString("base64")}\n`,
    publicKeyFingerprintMd5: md5,
    publicKeyFingerprintSha256: `SHA256:${sha256}`,
  };
}

interface WireParts {
  type: string;
  public: (Buffer | string)[];
  private: (Buffer | string)[];
}

/** The fields of a key in the order in which SSH writes them. */
function wireParts(key: KeyObject): WireParts | undefined {
  const algorithm = algorithmOf(key);
  const curve = algorithm === "ECDSA" ? curves[curveOf(key)].ssh : undefined;
  if (algorithm === "ECDSA" && !curve) return undefined;
  const jwk = key.export({ format: "jwk" }) as Record<string, string>;
  const bytes = (field: string) => Buffer.from(jwk[field]!, "base64url");
  const number = (field: string) => unsigned(bytes(field));
  if (algorithm === "RSA") {
    return {
      type: "ssh-rsa",
      public: [number("e"), number("n")],
      private: ["n", "e", "d", "qi", "p", "q"].map(number),
    };
  }
  if (!curve) {
    return {
      type: "ssh-ed25519",
      public: [bytes("x")],
      private: [bytes("x"), Buffer.concat([bytes("d"), bytes("x")])],
    };
  }
  const point = Buffer.concat([Buffer.of(4), bytes("x"), bytes("y")]);
  return {
    type: `ecdsa-sha2-${curve}`,
    public: [curve, point],
    private: [curve, point, number("d")],
  };
}

function privateKeyFile(publicBlob: Buffer, parts: WireParts): string {
  const check = randomBytes(4);
  const noComment = "";
  const plain = Buffer.concat([check, check, strings(parts.type, ...parts.private, noComment)]);
  const padding = Buffer.from(Array.from({ length: -plain.length & 7 }, (_, index) => index + 1));
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    strings("none", "none", ""),
    Buffer.of(0, 0, 0, 1),
    strings(publicBlob, Buffer.concat([plain, padding])),
  ]);
  const lines = body
    .toString("base64")
    .match(/.{1,64}/g)!
    .join("\n");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** Each part with its length before it. */
function strings(...parts: (Buffer | string)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** A positive number: no leading zeros, but one before a set top bit. */
function unsigned(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(Math.max(first, 0));
  return short[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), short]) : short;
}
