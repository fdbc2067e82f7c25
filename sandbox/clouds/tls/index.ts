import { version } from "@pulumi/tls/package.json";
import type { Provider } from "../../provider/resourceType";
import { certRequest } from "./certRequest";
import { locallySignedCert } from "./locallySignedCert";
import { privateKey } from "./privateKey";
import { selfSignedCert } from "./selfSignedCert";

/** The provider `tls`: real keys and certificates, in the state only. Its write-only inputs (`…Wo`) are left out. */
export const provider: Provider = {
  name: "tls",
  version,
  types: {
    "tls:index/certRequest:CertRequest": certRequest,
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
  },
};
