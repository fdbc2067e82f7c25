import type { ResourceType } from "../../provider/resourceType";
import { issue, keyIdOf } from "./certificate";
import { checkCertificate } from "./checks";
import { signingKey } from "./keys";
import { renewal } from "./renewal";
import { alternativeNames, subjectName } from "./subject";

/** SelfSignedCert: a certificate signed by its own key, for example a CA. */
export const selfSignedCert: ResourceType = {
  ...renewal,
  computed: ["certPem", "keyAlgorithm", "readyForRenewal", "validityEndTime", "validityStartTime"],
  check: (news) => checkCertificate({ setAuthorityKeyId: false, ...news }, ["privateKeyPem"]),
  create: async (inputs) => {
    const signer = await signingKey("privateKeyPem", inputs["privateKeyPem"] as string);
    const subject = subjectName(inputs["subject"]);
    const { id, outputs } = await issue({
      inputs,
      subject,
      issuer: subject,
      spki: signer.spki,
      signer,
      authorityKeyId: inputs["setAuthorityKeyId"] === true ? await keyIdOf(signer.spki) : undefined,
      alternativeNames: alternativeNames(inputs),
    });
    return { id, outputs: { ...inputs, ...outputs, keyAlgorithm: signer.algorithm } };
  },
  delete: () => undefined,
};
