import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension, X509Certificate } from "./x509";
import type { ResourceType } from "../../provider/resourceType";
import { issue, subjectKeyIdOf } from "./certificate";
import { checkCertificate } from "./checks";
import { signingKey } from "./keys";
import { renewal } from "./renewal";

/** LocallySignedCert: a certificate for a request, signed by a CA whose key is at hand. */
export const locallySignedCert: ResourceType = {
  ...renewal,
  computed: [
    "caKeyAlgorithm",
    "certPem",
    "readyForRenewal",
    "validityEndTime",
    "validityStartTime",
  ],
  check: (news) => checkCertificate(news, ["caCertPem", "caPrivateKeyPem", "certRequestPem"]),
  create: async (inputs) => {
    const signer = await signingKey("caPrivateKeyPem", inputs["caPrivateKeyPem"] as string);
    const request = await readRequest(inputs["certRequestPem"] as string);
    const ca = readCertificate(inputs["caCertPem"] as string);
    if (!Buffer.from(ca.publicKey.rawData).equals(signer.spki)) {
      throw new Error("caPrivateKeyPem is not the key of the certificate in caCertPem");
    }
    const { id, outputs } = await issue({
      inputs,
      subject: request.subjectName,
      issuer: ca.subjectName,
      spki: new Uint8Array(request.publicKey.rawData),
      signer,
      authorityKeyId: subjectKeyIdOf(ca),
      alternativeNames: request.extensions.filter(
        (extension) => extension instanceof SubjectAlternativeNameExtension,
      ),
    });
    return { id, outputs: { ...inputs, ...outputs, caKeyAlgorithm: signer.algorithm } };
  },
  delete: () => undefined,
};

async function readRequest(pem: string): Promise<Pkcs10CertificateRequest> {
  let request: Pkcs10CertificateRequest;
  try {
    request = new Pkcs10CertificateRequest(pem);
  } catch {
    throw new Error("certRequestPem must be a certificate request in PEM form");
  }
  if (!(await request.verify())) {
    throw new Error("certRequestPem is not signed by the key that it asks a certificate for");
  }
  return request;
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new Error("caCertPem must be a certificate in PEM form");
  }
}
