import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { k3sApiServer } from "../../../components/cluster/ciliumValues";
import { Platform, type PlatformArgs } from "../../../components/cluster/platform";
import { canary } from "../../support/canary";

/** What region.ts would hand to the platform of germany. */
export const platformArgs: PlatformArgs = {
  protect: true,
  region: "germany",
  clusterId: 1,
  podCidr: "10.101.0.0/16",
  apiServer: k3sApiServer,
  underlay: {
    nodeAddresses: [pulumi.output("192.0.2.1"), pulumi.output("192.0.2.2")],
    meshAddress: "germany.mesh.live.example.com",
    mtu: 1500,
    peers: [
      { name: "us-west", address: "us-west.mesh.live.example.com" },
      { name: "singapore", address: "singapore.mesh.live.example.com" },
    ],
  },
  meshAuthority: {
    certificatePem: "-----BEGIN CERTIFICATE-----\nbWVzaA==\n-----END CERTIFICATE-----\n",
    privateKeyPem: pulumi.secret(canary("mesh-authority")),
  },
  gatewayNodes: { "meridian.dev/pool": "edge" },
  hostNames: ["germany.live.example.com", "live.example.com"],
  certificates: {
    acme: { environment: "staging", email: "operators@example.com" },
    zone: "example.com",
    cloudflareApiToken: pulumi.secret(canary("cloudflareApiToken")),
  },
  hetzner: { token: pulumi.secret(canary("hcloudToken")), location: "fsn1" },
};

/** The platform with providers of its own, as a region gives them. */
export function newPlatform(args: PlatformArgs = platformArgs): Platform {
  const providers = [
    new k8s.Provider("kubernetes", { kubeconfig: "{}" }),
    new tls.Provider("tls", {}),
  ];
  return new Platform("platform", args, { providers });
}
