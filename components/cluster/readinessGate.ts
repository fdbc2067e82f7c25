import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ApiServer } from "./ciliumValues";
import { KubectlJob, type Rights, type Rule, systemNamespace } from "./kubectlJob";

/** A workload as kubectl names it. */
export type Workload = `deployment/${string}` | `daemonset/${string}`;

/** What must be there before anything may rely on a chart. */
export interface Readiness {
  /** Name of the HelmChart object. */
  chart: string;
  /** Namespace of the workloads. */
  namespace: string;
  /** Names of custom resource definitions that must be established. */
  definitions: readonly string[];
  /** Workloads that must have rolled out. */
  workloads: readonly Workload[];
}

export interface ReadinessGateArgs extends Readiness {
  /** What is waited for; a part of the Job's name. */
  subject: string;
  /** Version of the chart: with a new one everything is waited for again. */
  version: string;
  apiServer: ApiServer;
}

/**
 * Opens when a chart works: Helm has installed it, its definitions are established and its workloads have rolled out.
 * What needs the chart depends on {@link open}.
 *
 * It is asked once a version, so an open gate says that the chart has worked, not that it does now.
 */
export class ReadinessGate extends pulumi.ComponentResource {
  /** Exists once the gate is open. */
  readonly open: k8s.batch.v1.Job;

  constructor(name: string, args: ReadinessGateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:ReadinessGate", name, {}, opts);
    this.open = new KubectlJob(
      `${name}-wait`,
      {
        job: gateName(args.subject, args.version),
        commands: gateCommands(args),
        rights: gateRights(args),
        apiServer: args.apiServer,
      },
      { parent: this },
    ).done;
    this.registerOutputs({ open: this.open.metadata.name });
  }
}

/** Name of a gate's Job, for example `ready-cilium-1-20-2`. */
function gateName(subject: string, version: string): string {
  return `ready-${subject}-${version.toLowerCase().replaceAll(/[^a-z0-9]+/gu, "-")}`;
}

/** Waiting of kubectl ends with an error before the Job's own deadline, so its log tells what did not come. */
const timeout = "--timeout=25m";

/**
 * The kubectl commands of a gate, in order, by name. The Job that Helm runs in is named after the HelmChart object by
 * k3s' Helm controller; definitions are waited for one state after the other, because some programs (Cilium's operator)
 * make theirs only after Helm has ended.
 */
function gateCommands(readiness: Readiness): Record<string, string[]> {
  const { chart, namespace, definitions, workloads } = readiness;
  const installation = `job/${installationJob(chart)}`;
  const crds = definitions.map((definition) => `customresourcedefinition/${definition}`);
  const inSystem = `--namespace=${systemNamespace}`;
  return {
    "installation-begun": ["wait", "--for=create", installation, inSystem, timeout],
    "installation-ended": ["wait", "--for=condition=Complete", installation, inSystem, timeout],
    ...(crds.length === 0
      ? {}
      : {
          "definitions-made": ["wait", "--for=create", ...crds, timeout],
          "definitions-established": ["wait", "--for=condition=Established", ...crds, timeout],
        }),
    ...Object.fromEntries(
      workloads.map((workload) => [
        workload.replace("/", "-"),
        ["rollout", "status", workload, `--namespace=${namespace}`, timeout],
      ]),
    ),
  };
}

/** What those commands need to be allowed: to look at the objects that they name. */
function gateRights(readiness: Readiness): Rights[] {
  const { chart, namespace, definitions, workloads } = readiness;
  const namesOf = (kind: string) =>
    workloads.filter((each) => each.startsWith(`${kind}/`)).map((each) => each.split("/")[1] ?? "");
  const installation = look("batch", "jobs", [installationJob(chart)]);
  const rollouts = [
    ...look("apps", "deployments", namesOf("deployment")),
    ...look("apps", "daemonsets", namesOf("daemonset")),
  ];
  const crds = look("apiextensions.k8s.io", "customresourcedefinitions", [...definitions]);
  return [
    { rules: crds },
    ...(namespace === systemNamespace
      ? [{ namespace, rules: [...installation, ...rollouts] }]
      : [
          { namespace: systemNamespace, rules: installation },
          { namespace, rules: rollouts },
        ]),
  ].filter(({ rules }) => rules.length > 0);
}

function look(apiGroup: string, resource: string, resourceNames: string[]): Rule[] {
  return resourceNames.length === 0
    ? []
    : [
        {
          apiGroups: [apiGroup],
          resources: [resource],
          resourceNames,
          verbs: ["get", "list", "watch"],
        },
      ];
}

const installationJob = (chart: string) => `helm-install-${chart}`;
