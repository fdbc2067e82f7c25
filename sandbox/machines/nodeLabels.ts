/** Labels under kubernetes.io and k8s.io that a kubelet may set on its own Node (Kubernetes, NodeRestriction). */
const allowed = new Set([
  "kubernetes.io/hostname",
  "kubernetes.io/arch",
  "kubernetes.io/os",
  "beta.kubernetes.io/instance-type",
  "node.kubernetes.io/instance-type",
  "failure-domain.beta.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/os",
]);

const allowedNamespaces = ["kubelet.kubernetes.io", "node.kubernetes.io"];

/** Why the kubelet does not start with this label, or undefined when it may set it. */
export function refusedLabel(key: string): string | undefined {
  const namespace = key.includes("/") ? (key.split("/", 1)[0] ?? "") : "";
  const under = (domain: string): boolean =>
    namespace === domain || namespace.endsWith(`.${domain}`);
  if (!under("kubernetes.io") && !under("k8s.io")) return undefined;
  if (allowed.has(key) || allowedNamespaces.some(under)) return undefined;
  return `the kubelet exits: unknown 'kubernetes.io' or 'k8s.io' label ${key}; it may set ${[...allowed].join(", ")} and those under ${allowedNamespaces.join(", ")}`;
}
