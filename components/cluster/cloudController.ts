import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { charts } from "../../versions";
import { Chart } from "./chart";
import type { ApiServer, ChartValues } from "./ciliumValues";
import { systemNamespace } from "./kubectlJob";

/** Secret with the Hetzner token, where the cloud controller and the volumes look for it. */
export const hetznerSecret = { name: "hcloud", key: "token" };

export interface CloudControllerArgs {
  /** Token of the region's Hetzner project. Secret. */
  hcloudToken: pulumi.Input<string>;
  apiServer: ApiServer;
}

/**
 * Tells Kubernetes what Hetzner knows of the nodes, and takes nodes away whose machine is gone (component-facts 1.5).
 * It runs on the pod network, so Cilium comes first; until it runs, nodes take ordinary pods from nobody.
 */
export class CloudController extends pulumi.ComponentResource {
  /** Exists once it runs. */
  readonly ready: k8s.batch.v1.Job;

  constructor(name: string, args: CloudControllerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:CloudController", name, {}, opts);
    const token = new k8s.core.v1.Secret(
      `${name}-token`,
      {
        metadata: { name: hetznerSecret.name, namespace: systemNamespace },
        stringData: { [hetznerSecret.key]: pulumi.secret(args.hcloudToken) },
      },
      { parent: this },
    );
    this.ready = new Chart(
      `${name}-chart`,
      {
        pin: charts.cloudController,
        namespace: systemNamespace,
        values: cloudControllerValues,
        // Nodes keep ordinary pods off until this runs, and the pod that installs it would be one.
        bootstrap: true,
        ready: { definitions: [], workloads: [`deployment/${charts.cloudController.chart}`] },
        apiServer: args.apiServer,
      },
      { parent: this, dependsOn: [token] },
    ).ready;
    this.registerOutputs({ ready: this.ready.metadata.name });
  }
}

/** Values of the cloud controller's chart. */
const cloudControllerValues: ChartValues = {
  // With a Hetzner network the nodes' addresses would become private, and the mesh would carry no packet.
  networking: { enabled: false },
  env: {
    HCLOUD_TOKEN: {
      valueFrom: { secretKeyRef: { name: hetznerSecret.name, key: hetznerSecret.key } },
    },
    // Cilium puts Services on the nodes' own addresses; Hetzner's load balancers carry no UDP.
    HCLOUD_LOAD_BALANCERS_ENABLED: { value: "false" },
    HCLOUD_INSTANCES_ADDRESS_FAMILY: { value: "ipv4" },
  },
};
