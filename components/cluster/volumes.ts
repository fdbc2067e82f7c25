import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { charts } from "../../versions";
import { Chart } from "./chart";
import type { ApiServer, ChartValues } from "./ciliumValues";
import { hetznerSecret } from "./cloudController";
import { systemNamespace } from "./kubectlJob";

export interface VolumesArgs {
  /** Name of the region. */
  region: string;
  /** Hetzner location code, for example `fsn1`: volumes are made there and stay there. */
  location: string;
  apiServer: ApiServer;
}

/** Hetzner volumes as Kubernetes' persistent volumes. They use the Secret of the cloud controller. */
export class Volumes extends pulumi.ComponentResource {
  /** Exists once volumes can be had. */
  readonly ready: k8s.batch.v1.Job;

  constructor(name: string, args: VolumesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:Volumes", name, {}, opts);
    this.ready = new Chart(
      `${name}-chart`,
      {
        pin: charts.volumes,
        namespace: systemNamespace,
        values: volumesValues(args),
        ready: {
          definitions: [],
          workloads: ["deployment/hcloud-csi-controller", "daemonset/hcloud-csi-node"],
        },
        apiServer: args.apiServer,
      },
      { parent: this },
    ).ready;
    this.registerOutputs({ ready: this.ready.metadata.name });
  }
}

/** Values of the volumes' chart. */
function volumesValues({ region, location }: Omit<VolumesArgs, "apiServer">): ChartValues {
  return {
    controller: {
      hcloudToken: { existingSecret: { name: hetznerSecret.name, key: hetznerSecret.key } },
      // Given the location it need not ask the metadata address, which pods cannot reach.
      hcloudVolumeDefaultLocation: location,
      // By which the volumes of a region are found in a project, also when their cluster is gone.
      volumeExtraLabels: { "meridian.dev/region": region },
      priorityClassName: "system-cluster-critical",
    },
    node: { priorityClassName: "system-node-critical" },
  };
}

/** Labels of the one pod on each node that must know which machine it is on, and asks the metadata address. */
export const volumeNodeLabels = {
  "app.kubernetes.io/name": charts.volumes.chart,
  "app.kubernetes.io/component": "node",
};
