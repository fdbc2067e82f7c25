import {
  type AuthorityName,
  type ClusterRoots,
  type Pair,
} from "../../../components/cluster/cloudInit";
import { provider } from "../../../sandbox/clouds/tls";
import { harness } from "../../sandbox/clouds/harness";

const { create } = harness(provider, "tls");

/** Real certificates and keys of the kinds and sizes that the program asks for. */
export async function roots(): Promise<ClusterRoots> {
  const pair = (authority: AuthorityName): Promise<Pair> => selfSigned(`singapore-${authority}`);
  const serviceKey = await create("PrivateKey", { algorithm: "RSA", rsaBits: 2048 });
  return {
    authorities: {
      "server-ca": await pair("server-ca"),
      "client-ca": await pair("client-ca"),
      "request-header-ca": await pair("request-header-ca"),
      "etcd/peer-ca": await pair("etcd/peer-ca"),
      "etcd/server-ca": await pair("etcd/server-ca"),
    },
    serviceKeyPem: String(serviceKey.outputs["privateKeyPem"]),
  };
}

/** A self-signed CA, P-256. */
export async function selfSigned(
  commonName: string,
  addresses: { ipAddresses?: string[] } = {},
): Promise<Pair> {
  const key = await create("PrivateKey", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const privateKeyPem = String(key.outputs["privateKeyPem"]);
  const certificate = await create("SelfSignedCert", {
    privateKeyPem,
    subject: { commonName, organization: "meridian" },
    isCaCertificate: true,
    allowedUses: [
      "digital_signature",
      "key_encipherment",
      "cert_signing",
      "server_auth",
      "client_auth",
    ],
    setSubjectKeyId: true,
    validityPeriodHours: 24,
    ...addresses,
  });
  return { certificatePem: String(certificate.outputs["certPem"]), privateKeyPem };
}
