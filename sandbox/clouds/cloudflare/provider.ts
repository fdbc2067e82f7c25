import { version } from "@pulumi/cloudflare/package.json";
import { type Properties, type Provider } from "../../provider/resourceType";
import { dnsRecord } from "./dnsRecord";

/** How an API token looks: 40 characters, or longer since tokens carry a prefix. */
const tokenForm = /^[\w-]{40,80}$/;

/** The sandbox's Cloudflare, kept in `.sandbox/clouds/cloudflare`. Zones need not be made: every zone id exists. */
export const provider: Provider = {
  name: "cloudflare",
  version,
  types: { "cloudflare:index/dnsRecord:DnsRecord": dnsRecord },
  checkConfig: ({ apiToken }: Properties) => {
    if (typeof apiToken === "string" && tokenForm.test(apiToken)) return [];
    return [
      {
        property: "apiToken",
        reason: "an API token of Cloudflare is needed: at least 40 letters, digits, _ or -",
      },
    ];
  },
};
