import type { HelmChart } from "./helmChart";

/** Annotation of an installation's Job that tells which configuration it installs. */
export const configHashAnnotation = "helmcharts.helm.cattle.io/configHash";

/** What a bootstrap chart's Job tolerates, since no network or cloud controller has met the nodes yet. */
const bootstrapTolerations = [
  { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" },
  { key: "node.kubernetes.io/network-unavailable", effect: "NoSchedule" },
  {
    key: "node.cloudprovider.kubernetes.io/uninitialized",
    operator: "Equal",
    value: "true",
    effect: "NoSchedule",
  },
  { key: "CriticalAddonsOnly", operator: "Exists" },
  { key: "node-role.kubernetes.io/etcd", operator: "Exists", effect: "NoExecute" },
  { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
];

/** Name of the Job that installs a chart. */
export const installJobName = (chart: string): string => `helm-install-${chart}`;

/**
 * The Job that k3s installs a chart with. Here the controller runs Helm itself, so the Job is suspended until Helm has
 * succeeded; then its pod may run and complete, and the Job says what a real one says.
 */
export function installJob({ metadata, spec }: HelmChart, hash: string): object {
  const labels = { "helmcharts.helm.cattle.io/chart": metadata.name };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: installJobName(metadata.name),
      namespace: metadata.namespace,
      labels,
      annotations: { [configHashAnnotation]: hash },
      ownerReferences: [
        {
          apiVersion: "helm.cattle.io/v1",
          kind: "HelmChart",
          name: metadata.name,
          uid: metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      suspend: true,
      backoffLimit: 1000,
      template: {
        metadata: { labels, annotations: { [configHashAnnotation]: hash } },
        spec: {
          restartPolicy: "OnFailure",
          containers: [
            {
              name: "helm",
              image: "rancher/klipper-helm",
              args: ["install"],
              env: [
                { name: "NAME", value: metadata.name },
                { name: "CHART", value: spec.chart ?? "" },
                { name: "VERSION", value: spec.version ?? "" },
              ],
            },
          ],
          nodeSelector: {
            "kubernetes.io/os": "linux",
            ...(spec.bootstrap && { "node-role.kubernetes.io/control-plane": "true" }),
          },
          ...(spec.bootstrap && { hostNetwork: true, tolerations: bootstrapTolerations }),
        },
      },
    },
  };
}
