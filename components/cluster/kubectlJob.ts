import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { containers } from "../../versions";
import type { ApiServer } from "./ciliumValues";

/** Namespace of everything that the cluster needs before it can carry work. */
export const systemNamespace = "kube-system";

/** Half an hour, in seconds: a slow image mirror should not fail an `up`, a chart that never comes up must. */
const deadlineSeconds = 1800;

/** What may be done with named objects of one namespace, or of the whole cluster. */
export interface Rights {
  /** Without it the objects are those that belong to no namespace. */
  namespace?: string;
  rules: readonly Rule[];
}

/** A rule of Kubernetes' roles; it always names its objects. */
export interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames: string[];
  verbs: string[];
}

export interface KubectlJobArgs {
  /** Name of the Job and of all that belongs to it. When it changes, the commands are run again. */
  job: string;
  /** kubectl commands, one after the other, each under a name of its own. */
  commands: Readonly<Record<string, readonly string[]>>;
  /** What the commands may do, and nothing besides. */
  rights: readonly Rights[];
  apiServer: ApiServer;
}

/**
 * kubectl commands that run once, inside the cluster, with the rights that they need and no others.
 *
 * The pod runs on the host's network and on nodes that are not ready yet, so it works before there is a pod network and
 * before the cloud controller has seen the node.
 */
export class KubectlJob extends pulumi.ComponentResource {
  /** Exists once all commands have succeeded. */
  readonly done: k8s.batch.v1.Job;

  constructor(name: string, args: KubectlJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:KubectlJob", name, {}, opts);
    const labels = { "app.kubernetes.io/name": args.job, "app.kubernetes.io/part-of": "meridian" };
    const own = { name: args.job, namespace: systemNamespace, labels };
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata: own, automountServiceAccountToken: false },
      { parent: this },
    );
    const bindings = args.rights.map((rights) => this.binding(name, own, rights));
    this.done = new k8s.batch.v1.Job(
      `${name}-job`,
      {
        metadata: own,
        spec: {
          backoffLimit: 6,
          activeDeadlineSeconds: deadlineSeconds,
          // It stays when it is done: a Job that removed itself would be made again by every `up`.
          template: {
            metadata: { labels },
            spec: {
              ...podSettings,
              serviceAccountName: account.metadata.name,
              ...containersOf(args),
            },
          },
        },
      },
      {
        parent: this,
        dependsOn: bindings,
        customTimeouts: { create: `${deadlineSeconds + 60}s` },
      },
    );
    this.registerOutputs({ job: this.done.metadata.name });
  }

  private binding(
    name: string,
    own: { name: string; labels: Record<string, string> },
    { namespace, rules }: Rights,
  ): pulumi.Resource {
    const child = `${name}-${namespace ?? "cluster"}`;
    const subjects = [{ kind: "ServiceAccount", name: own.name, namespace: systemNamespace }];
    if (namespace === undefined) {
      const metadata = { name: own.name, labels: own.labels };
      const role = new k8s.rbac.v1.ClusterRole(
        `${child}-role`,
        { metadata, rules: [...rules] },
        { parent: this },
      );
      const roleRef = { apiGroup: roleGroup, kind: "ClusterRole", name: role.metadata.name };
      return new k8s.rbac.v1.ClusterRoleBinding(
        `${child}-binding`,
        { metadata, roleRef, subjects },
        { parent: this },
      );
    }
    const metadata = { ...own, namespace };
    const role = new k8s.rbac.v1.Role(
      `${child}-role`,
      { metadata, rules: [...rules] },
      { parent: this },
    );
    const roleRef = { apiGroup: roleGroup, kind: "Role", name: role.metadata.name };
    return new k8s.rbac.v1.RoleBinding(
      `${child}-binding`,
      { metadata, roleRef, subjects },
      { parent: this },
    );
  }
}

const roleGroup = "rbac.authorization.k8s.io";

const podSettings = {
  automountServiceAccountToken: true,
  restartPolicy: "OnFailure",
  hostNetwork: true,
  // Names of the internet, for the cluster's own DNS may not run yet.
  dnsPolicy: "Default",
  priorityClassName: "system-cluster-critical",
  nodeSelector: { "kubernetes.io/os": "linux" },
  tolerations: [
    "node-role.kubernetes.io/control-plane",
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/network-unavailable",
    "node.cloudprovider.kubernetes.io/uninitialized",
    "node.cilium.io/agent-not-ready",
  ].map((key) => ({ key, operator: "Exists" })),
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65_532,
    runAsGroup: 65_532,
    seccompProfile: { type: "RuntimeDefault" },
  },
};

/** All commands but the last as init containers, which run one after the other: the image has kubectl and no shell. */
function containersOf({ commands, apiServer }: KubectlJobArgs) {
  const all = Object.entries(commands).map(([command, args]) => ({
    name: command,
    image: containers.kubectl,
    args: [...args],
    env: [
      { name: "KUBERNETES_SERVICE_HOST", value: apiServer.host },
      { name: "KUBERNETES_SERVICE_PORT", value: String(apiServer.port) },
    ],
    resources: { requests: { cpu: "10m", memory: "48Mi" }, limits: { memory: "256Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  }));
  return { initContainers: all.slice(0, -1), containers: all.slice(-1) };
}
