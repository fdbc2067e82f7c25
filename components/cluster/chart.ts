import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ChartPin } from "../../versions";
import type { ApiServer, ChartValues } from "./ciliumValues";
import { systemNamespace } from "./kubectlJob";
import { type Readiness, ReadinessGate } from "./readinessGate";

export interface ChartArgs {
  pin: ChartPin;
  /** Namespace that the chart is installed into; it must exist. */
  namespace: string;
  /** Values of the chart. They show in previews and in the cluster, so nothing secret may be in them. */
  values: ChartValues;
  /** Values that are secret; they are laid over the others. */
  secretValues?: pulumi.Input<ChartValues>;
  /** Whether nodes are not ready before this chart runs: it is then installed from a control-plane node's own network. */
  bootstrap?: boolean;
  /** What must be there before anything may rely on the chart. */
  ready: Pick<Readiness, "definitions" | "workloads">;
  apiServer: ApiServer;
}

/** Key of the Secret that holds a chart's secret values. */
const secretValuesKey = "values.yaml";

/**
 * Third-party software, installed and upgraded by the Helm controller of k3s, and the gate that opens when it works.
 * A preview needs no network and shows every value.
 */
export class Chart extends pulumi.ComponentResource {
  /** Exists once the chart works. */
  readonly ready: k8s.batch.v1.Job;

  constructor(name: string, args: ChartArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:Chart", name, {}, opts);
    const { repo, chart, version } = args.pin;
    const secret = this.secretValues(name, args);
    const release = new k8s.apiextensions.CustomResource(
      `${name}-release`,
      {
        apiVersion: "helm.cattle.io/v1",
        kind: "HelmChart",
        metadata: { name: chart, namespace: systemNamespace },
        spec: {
          repo,
          chart,
          version,
          targetNamespace: args.namespace,
          ...(args.bootstrap === true ? { bootstrap: true } : {}),
          values: args.values,
          ...(secret === undefined
            ? {}
            : {
                valuesSecrets: [
                  { name: secret.metadata.name, keys: [secretValuesKey], ignoreUpdates: false },
                ],
              }),
          // The default uninstalls a chart whose upgrade has failed: with it the network and every certificate.
          failurePolicy: "retry",
          // What somebody has changed by hand goes back to what is written here.
          forceConflicts: true,
        },
      },
      { parent: this },
    );
    this.ready = new ReadinessGate(
      `${name}-ready`,
      {
        subject: chart,
        version,
        chart,
        namespace: args.namespace,
        ...args.ready,
        apiServer: args.apiServer,
      },
      { parent: this, dependsOn: [release] },
    ).open;
    this.registerOutputs({ version });
  }

  private secretValues(name: string, args: ChartArgs): k8s.core.v1.Secret | undefined {
    if (args.secretValues === undefined) return undefined;
    // JSON is YAML, and says the same whatever is in it.
    const text = pulumi.jsonStringify(pulumi.secret(args.secretValues));
    return new k8s.core.v1.Secret(
      `${name}-values`,
      {
        metadata: { name: `${args.pin.chart}-secret-values`, namespace: systemNamespace },
        stringData: { [secretValuesKey]: text },
      },
      { parent: this },
    );
  }
}
