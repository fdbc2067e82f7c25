import { createHash } from "node:crypto";
import { canary } from "./canary";

type Values = Record<string, unknown>;

/** What a provider answers for one resource: its id, and the outputs that are not inputs. */
export interface ProviderAnswer {
  id: string;
  outputs: Values;
}

/** What the provider is asked. */
export interface ProviderRequest {
  type: string;
  name: string;
  inputs: Values;
  /** Draws from a small range without giving the same twice in one render. */
  draw: (what: string, size: number) => number;
}

/** For documentation (RFC 5737); the third such range, 203.0.113.0/24, is the operators' in the stack files. */
const documentationRanges = ["192.0.2", "198.51.100"];

const secretPem = (label: string, name: string) => pem(label, canary(name));

/** Shaped like PEM; its content only tells where it came from. */
const pem = (label: string, content: string) =>
  `-----BEGIN ${label}-----\n${content}\n-----END ${label}-----\n`;

const certificate = (name: string) =>
  pem("CERTIFICATE", Buffer.from(`certificate of ${name}`).toString("base64"));

const keyLabels: Readonly<Record<string, string>> = {
  RSA: "RSA PRIVATE KEY",
  ECDSA: "EC PRIVATE KEY",
};

/** By resource type. What is secret is a canary, so a generated secret that leaks is found like a given one. */
const table: Readonly<Record<string, (request: ProviderRequest) => Values>> = {
  "hcloud:index/primaryIp:PrimaryIp": ({ name, draw }) => {
    const number = draw(name, documentationRanges.length * 254);
    return { ipAddress: `${documentationRanges[Math.floor(number / 254)]}.${(number % 254) + 1}` };
  },
  "hcloud:index/server:Server": () => ({ status: "running" }),
  "random:index/randomPassword:RandomPassword": ({ name }) => ({ result: canary(name) }),
  "random:index/randomString:RandomString": ({ name }) => ({ result: `string${hash(name, 8)}` }),
  "random:index/randomBytes:RandomBytes": ({ name }) => ({
    base64: Buffer.from(canary(name)).toString("base64"),
    hex: Buffer.from(canary(name)).toString("hex"),
  }),
  "random:index/randomId:RandomId": ({ name }) => ({
    hex: hash(name, 16),
    b64Url: Buffer.from(hash(name, 16), "hex").toString("base64url"),
    b64Std: Buffer.from(hash(name, 16), "hex").toString("base64"),
    dec: BigInt(`0x${hash(name, 16)}`).toString(),
  }),
  "tls:index/privateKey:PrivateKey": ({ name, inputs }) => ({
    privateKeyPem: secretPem(keyLabels[String(inputs["algorithm"])] ?? "PRIVATE KEY", name),
    privateKeyPemPkcs8: secretPem("PRIVATE KEY", name),
    privateKeyOpenssh: secretPem("OPENSSH PRIVATE KEY", name),
    publicKeyPem: pem("PUBLIC KEY", Buffer.from(`public key of ${name}`).toString("base64")),
  }),
  "tls:index/certRequest:CertRequest": ({ name }) => ({
    certRequestPem: pem(
      "CERTIFICATE REQUEST",
      Buffer.from(`request of ${name}`).toString("base64"),
    ),
  }),
  "tls:index/selfSignedCert:SelfSignedCert": ({ name }) => ({
    certPem: certificate(name),
    readyForRenewal: false,
  }),
  "tls:index/locallySignedCert:LocallySignedCert": ({ name }) => ({
    certPem: certificate(name),
    readyForRenewal: false,
  }),
};

/** Answers as the provider of a type might: an id of the shape that it gives, and the outputs that the program reads. */
export function providerAnswer(request: ProviderRequest): ProviderAnswer {
  return { id: idOf(request), outputs: table[request.type]?.(request) ?? {} };
}

function idOf({ type, name, inputs, draw }: ProviderRequest): string {
  if (type.startsWith("hcloud:")) return String(10_000_000 + draw(`${type} ${name}`, 80_000_000));
  if (type.startsWith("cloudflare:")) return hash(`${type} ${name}`, 32);
  if (type.startsWith("kubernetes:")) {
    const { namespace, name: objectName } = (inputs["metadata"] ?? {}) as Record<string, string>;
    return [namespace, objectName ?? name].filter(Boolean).join("/");
  }
  return hash(`${type} ${name}`, 40);
}

const hash = (text: string, length: number) =>
  createHash("sha256").update(text).digest("hex").slice(0, length);

/** Numbers that depend on a name alone, so that a further resource changes no other's; only a clash moves on. */
export function drawer(): ProviderRequest["draw"] {
  const taken = new Set<string>();
  return (what, size) => {
    let number = Number.parseInt(hash(what, 8), 16) % size;
    while (taken.has(`${size} ${number}`)) number = (number + 1) % size;
    taken.add(`${size} ${number}`);
    return number;
  };
}
