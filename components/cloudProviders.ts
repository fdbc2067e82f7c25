import * as cloudflare from "@pulumi/cloudflare";
import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

/** The tokens of a region's accounts. Secret. */
export interface CloudTokens {
  /** Token of the region's Hetzner project. */
  hcloudToken: pulumi.Input<string>;
  /** Cloudflare token that may edit the zone. */
  cloudflareApiToken: pulumi.Input<string>;
}

/** The providers of everything that is not in the region's cluster: clouds, certificates and random values. */
export function cloudProviders(
  region: string,
  { hcloudToken, cloudflareApiToken }: CloudTokens,
  parent: pulumi.Resource,
): pulumi.ProviderResource[] {
  return [
    new hcloud.Provider(
      `${region}-hcloud`,
      // A project has one request a second (capabilities 4.1); asking twice a second would use it up on waiting.
      { token: hcloudToken, pollInterval: "2s", pollFunction: "exponential" },
      { parent },
    ),
    new cloudflare.Provider(`${region}-cloudflare`, { apiToken: cloudflareApiToken }, { parent }),
    new tls.Provider(`${region}-tls`, {}, { parent }),
    new random.Provider(`${region}-random`, {}, { parent }),
  ];
}
