import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * What every cluster gets first (CIS 5.1.5, 5.3.2): in namespace `default`, where nothing of ours lives, pods can talk
 * to nobody and get no token.
 */
export class Baseline extends pulumi.ComponentResource {
  /** Name of the policy that denies. */
  readonly denyAll: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:Baseline", name, {}, opts);
    const policy = new k8s.networking.v1.NetworkPolicy(
      `${name}-deny-all`,
      {
        metadata: { name: "deny-all", namespace: "default" },
        spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
      },
      { parent: this },
    );
    new k8s.core.v1.ServiceAccountPatch(
      `${name}-service-account`,
      {
        metadata: { name: "default", namespace: "default" },
        automountServiceAccountToken: false,
      },
      { parent: this },
    );
    this.denyAll = policy.metadata.name;
    this.registerOutputs({ denyAll: this.denyAll });
  }
}
