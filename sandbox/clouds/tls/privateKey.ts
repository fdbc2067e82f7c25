import { createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import {
  type CheckFailure,
  type Properties,
  type ResourceType,
  unknown,
} from "../../provider/resourceType";
import { type CurveName, curves, type KeyAlgorithm, stateId } from "./keys";
import { opensshKey } from "./openssh";

const generate = promisify(generateKeyPair);

/** PrivateKey: a key pair that lives in the state only. */
export const privateKey: ResourceType = {
  replaceOn: ["algorithm", "ecdsaCurve", "rsaBits"],
  computed: [
    "privateKeyOpenssh",
    "privateKeyPem",
    "privateKeyPemPkcs8",
    "publicKeyFingerprintMd5",
    "publicKeyFingerprintSha256",
    "publicKeyOpenssh",
    "publicKeyPem",
  ],
  check: (news) => {
    const inputs: Properties = { ecdsaCurve: "P224", rsaBits: 2048, ...news };
    const failures = [
      ...oneOf(inputs, "algorithm", ["RSA", "ECDSA", "ED25519"]),
      ...oneOf(inputs, "ecdsaCurve", Object.keys(curves)),
    ];
    return { inputs, failures };
  },
  create: async (inputs) => {
    const key = await newKey(inputs);
    const publicKey = createPublicKey(key);
    const publicDer = publicKey.export({ type: "spki", format: "der" });
    return {
      id: stateId(publicDer),
      outputs: {
        ...inputs,
        ...opensshKey(key),
        privateKeyPem: traditionalPem(key),
        privateKeyPemPkcs8: key.export({ type: "pkcs8", format: "pem" }),
        publicKeyPem: publicKey.export({ type: "spki", format: "pem" }),
      },
    };
  },
  delete: () => undefined,
};

async function newKey(inputs: Properties): Promise<KeyObject> {
  const algorithm = inputs["algorithm"] as KeyAlgorithm;
  if (algorithm === "ED25519") return (await generate("ed25519")).privateKey;
  if (algorithm === "RSA") {
    return (await generate("rsa", { modulusLength: inputs["rsaBits"] as number })).privateKey;
  }
  const { openssl } = curves[inputs["ecdsaCurve"] as CurveName];
  return (await generate("ec", { namedCurve: openssl })).privateKey;
}

/** `RSA PRIVATE KEY` (PKCS1), `EC PRIVATE KEY` (SEC1); Ed25519 has no form but PKCS8. */
function traditionalPem(key: KeyObject): string | Buffer {
  if (key.asymmetricKeyType === "rsa") return key.export({ type: "pkcs1", format: "pem" });
  if (key.asymmetricKeyType === "ec") return key.export({ type: "sec1", format: "pem" });
  return key.export({ type: "pkcs8", format: "pem" });
}

function oneOf(inputs: Properties, property: string, legal: readonly string[]): CheckFailure[] {
  const value = inputs[property];
  if (value === unknown || (typeof value === "string" && legal.includes(value))) return [];
  const given = value == null ? "nothing" : JSON.stringify(value);
  return [{ property, reason: `${property} must be one of ${legal.join(", ")}, got ${given}` }];
}
