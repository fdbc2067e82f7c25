import { Pkcs10CertificateRequestGenerator } from "./x509";
import type { ResourceType } from "../../provider/resourceType";
import { missing } from "./checks";
import { signingKey, stateId } from "./keys";
import { alternativeNames, subjectName } from "./subject";

/** CertRequest: a request (PKCS10) that asks a CA for a certificate of a key. */
export const certRequest: ResourceType = {
  replaceOn: ["dnsNames", "ipAddresses", "privateKeyPem", "subject", "uris"],
  computed: ["certRequestPem", "keyAlgorithm"],
  check: (news) => ({ inputs: news, failures: missing(news, ["privateKeyPem"]) }),
  create: async (inputs) => {
    const key = await signingKey("privateKeyPem", inputs["privateKeyPem"] as string);
    const request = await Pkcs10CertificateRequestGenerator.create({
      name: subjectName(inputs["subject"]),
      extensions: alternativeNames(inputs),
      signingAlgorithm: key.signingAlgorithm,
      keys: { privateKey: key.privateKey, publicKey: key.publicKey },
    });
    const certRequestPem = `${request.toString("pem").trimEnd()}\n`;
    const outputs = { ...inputs, certRequestPem, keyAlgorithm: key.algorithm };
    return { id: stateId(certRequestPem), outputs };
  },
  delete: () => undefined,
};
