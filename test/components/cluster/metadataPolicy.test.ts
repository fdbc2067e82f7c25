import { describe, expect, it } from "vitest";
import { metadataRules } from "../../../components/cluster/metadataPolicy";
import { volumeNodeLabels } from "../../../components/cluster/volumes";

interface Rule {
  endpointSelector: {
    matchLabels?: Record<string, string>;
    matchExpressions: { key: string; operator: "NotIn"; values: string[] }[];
  };
  egressDeny: unknown;
  enableDefaultDeny: unknown;
}

const rules = metadataRules(volumeNodeLabels) as Rule[];

/** Whether any rule is for a pod, by Kubernetes' meaning of selectors: a label that is absent is not in any list. */
const denied = (namespace: string, labels: Record<string, string>) => {
  const all: Record<string, string> = { "k8s:io.kubernetes.pod.namespace": namespace };
  for (const [key, value] of Object.entries(labels)) all[`k8s:${key}`] = value;
  return rules.some(
    ({ endpointSelector: { matchLabels = {}, matchExpressions } }) =>
      Object.entries(matchLabels).every(([key, value]) => all[key] === value) &&
      matchExpressions.every(({ key, values }) => !values.includes(all[key] ?? "")),
  );
};

describe("the metadata address", () => {
  it.each([
    ["a tenant's pod", "tenant-a", {}],
    ["a pod in default", "default", { app: "web" }],
    ["a tenant's pod with the exception's labels", "tenant-a", volumeNodeLabels],
    ["a system pod", "kube-system", { "k8s-app": "kube-dns" }],
    [
      "the volumes' controller",
      "kube-system",
      { ...volumeNodeLabels, "app.kubernetes.io/component": "controller" },
    ],
    [
      "a system pod that has one of the labels",
      "kube-system",
      { "app.kubernetes.io/component": "node" },
    ],
  ])("is closed to %s", (_, namespace, labels) => {
    expect(denied(namespace, labels)).toBe(true);
  });

  it("is open to the volumes' pod on each node, which must know its machine", () => {
    expect(denied("kube-system", volumeNodeLabels)).toBe(false);
  });

  it("is all that the policy closes", () => {
    for (const rule of rules) {
      expect(rule.egressDeny).toEqual([{ toCIDR: ["169.254.169.254/32"] }]);
      expect(rule.enableDefaultDeny).toEqual({ egress: false, ingress: false });
    }
  });
});
