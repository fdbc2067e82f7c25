import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { versions } from "../../versions";
import type { ApiServer } from "./ciliumValues";
import { KubectlJob, type Rights } from "./kubectlJob";

export interface GatewayApiArgs {
  apiServer: ApiServer;
}

const group = "gateway.networking.k8s.io";

/** The definitions of the standard channel, by the names of their resources (config/crd/standard at the pinned tag). */
const resources = [
  "backendtlspolicies",
  "gatewayclasses",
  "gateways",
  "grpcroutes",
  "httproutes",
  "listenersets",
  "referencegrants",
  "tcproutes",
  "tlsroutes",
  "udproutes",
];

/** Upstream's own admission policy: it refuses older definitions, and experimental ones over these. */
const policyFile = "vap_safeupgrades";
const policyName = `safe-upgrades.${group}`;

/**
 * The definitions of the Gateway API, which Cilium, STUNner and cert-manager all need and none may own. They are
 * upstream's files at an exact commit, applied before Cilium: its operator looks for them once, when it starts
 * (component-facts 2.7).
 */
export class GatewayApi extends pulumi.ComponentResource {
  /** Exists once the definitions are established. */
  readonly ready: k8s.batch.v1.Job;

  constructor(name: string, args: GatewayApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:GatewayApi", name, {}, opts);
    const { version } = versions.gatewayApi;
    this.ready = new KubectlJob(
      `${name}-apply`,
      {
        job: `gateway-api-${version.replaceAll(".", "-")}`,
        commands: gatewayApiCommands(gatewayApiFiles()),
        rights: gatewayApiRights,
        apiServer: args.apiServer,
      },
      { parent: this },
    ).done;
    this.registerOutputs({ version });
  }
}

/** URLs of upstream's files. */
export function gatewayApiFiles(): string[] {
  const folder = `https://raw.githubusercontent.com/${versions.gatewayApi.name}/${versions.gatewayApi.commit}/config/crd/standard`;
  return [...resources, policyFile].map((file) => `${folder}/${group}_${file}.yaml`);
}

/** The kubectl commands that apply the files, in order, by name. */
function gatewayApiCommands(files: readonly string[]): Record<string, string[]> {
  return {
    apply: [
      "apply",
      "--server-side",
      "--force-conflicts",
      "--field-manager=meridian",
      ...files.map((file) => `--filename=${file}`),
    ],
    established: [
      "wait",
      "--for=condition=Established",
      ...definitions.map((definition) => `customresourcedefinition/${definition}`),
      "--timeout=5m",
    ],
  };
}

const definitions = resources.map((resource) => `${resource}.${group}`);

/** What those commands need to be allowed; server-side apply names the object even when it makes it. */
const gatewayApiRights: readonly Rights[] = [
  {
    rules: [
      {
        apiGroups: ["apiextensions.k8s.io"],
        resources: ["customresourcedefinitions"],
        resourceNames: definitions,
        verbs: ["get", "list", "watch", "create", "patch"],
      },
      {
        apiGroups: ["admissionregistration.k8s.io"],
        resources: ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
        resourceNames: [policyName],
        verbs: ["get", "create", "patch"],
      },
    ],
  },
];
