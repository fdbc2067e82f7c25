import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { systemNamespace } from "./kubectlJob";

/** Where a machine reads its user data, join token included, without any key (component-facts 1.1). */
const metadataAddress = "169.254.169.254/32";

export interface MetadataPolicyArgs {
  /** Labels, all of them together, of the pods in the system's namespace that must know which machine they are on. */
  exception: Readonly<Record<string, string>>;
}

/** Keeps pods from the metadata address of the machine that they run on. Nothing else is forbidden by it. */
export class MetadataPolicy extends pulumi.ComponentResource {
  /** The policy. */
  readonly policy: k8s.apiextensions.CustomResource;

  constructor(name: string, args: MetadataPolicyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:MetadataPolicy", name, {}, opts);
    this.policy = new k8s.apiextensions.CustomResource(
      `${name}-deny`,
      {
        apiVersion: "cilium.io/v2",
        kind: "CiliumClusterwideNetworkPolicy",
        metadata: { name: "deny-metadata" },
        specs: metadataRules(args.exception),
      },
      { parent: this },
    );
    this.registerOutputs({ policy: this.policy.metadata.name });
  }
}

const namespaceLabel = "k8s:io.kubernetes.pod.namespace";

/**
 * The rules of the policy: one for every namespace but the system's, and one for each label of the exception, because
 * conditions on pods can be joined by "and" only. A pod elsewhere that takes the exception's labels gains nothing.
 */
export function metadataRules(exception: Readonly<Record<string, string>>): object[] {
  const selectors = [
    { matchExpressions: [{ key: namespaceLabel, operator: "NotIn", values: [systemNamespace] }] },
    ...Object.entries(exception).map(([label, value]) => ({
      matchLabels: { [namespaceLabel]: systemNamespace },
      matchExpressions: [{ key: `k8s:${label}`, operator: "NotIn", values: [value] }],
    })),
  ];
  return selectors.map((endpointSelector) => ({
    endpointSelector,
    egressDeny: [{ toCIDR: [metadataAddress] }],
    // A rule of its own would otherwise close everything else that it does not name.
    enableDefaultDeny: { egress: false, ingress: false },
  }));
}
