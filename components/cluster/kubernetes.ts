import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ApiReadiness } from "./apiReadiness";
import type { Authorities } from "./authorities";
import { kubeconfig } from "./kubeconfig";

/** Fifteen minutes, in seconds: a machine needs two to four, and a slow image mirror should not fail an `up`. */
const readyTimeoutSeconds = 900;

export interface KubernetesArgs {
  /** Name of the region, also of the cluster. */
  region: string;
  /** URL of the API server, with port. */
  endpoint: pulumi.Output<string>;
  authorities: Authorities;
  /** Id of the server that the URL leads to. */
  serverId: pulumi.Input<string>;
}

/** The way into a cluster: whatever is put into it goes by this provider and knows nothing of the machines. */
export class Kubernetes extends pulumi.ComponentResource {
  /** The administrator's kubeconfig. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Opens the cluster; it exists once the API server answers. */
  readonly provider: k8s.Provider;

  constructor(name: string, args: KubernetesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:Kubernetes", name, {}, opts);
    const { admin, pairs } = args.authorities;
    const serverCaPem = pairs["server-ca"].certificatePem;
    this.kubeconfig = pulumi.secret(
      pulumi
        .output({ endpoint: args.endpoint, serverCaPem, ...admin })
        .apply((facts) => kubeconfig({ cluster: args.region, ...facts })),
    );
    const readiness = new ApiReadiness(
      `${name}-ready`,
      {
        endpoint: args.endpoint,
        serverId: args.serverId,
        serverCaPem,
        ...admin,
        timeoutSeconds: readyTimeoutSeconds,
      },
      { parent: this },
    );
    this.provider = new k8s.Provider(
      `${name}-provider`,
      {
        kubeconfig: this.kubeconfig,
        // A renewed kubeconfig is the same cluster: without a name of our own the provider, and all in it, is replaced.
        clusterIdentifier: `meridian-${args.region}`,
        // An `up` that was killed may have made objects that the state does not know; the next one takes them over.
        upsertExistingObjects: true,
      },
      { parent: this, dependsOn: [readiness] },
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig, provider: this.provider.urn });
  }
}
