import { ApiClient, ApiError } from "./client";
import { isObject } from "../provider/difference";
import { listAt } from "./kubernetesObject";
import { groupOf, isBuiltInGroup } from "./token";

/** Where the API server serves one kind. */
export interface ApiResource {
  /** For example `/apis/apps/v1`. */
  root: string;
  /** Name in paths, for example `deployments`. */
  plural: string;
  namespaced: boolean;
}

/** Asks the API server which kinds it serves, and remembers the answers. */
export class Discovery {
  private readonly client: ApiClient;
  private readonly known = new Map<string, Promise<Map<string, ApiResource>>>();

  constructor(client: ApiClient) {
    this.client = client;
  }

  /** Finds a kind, or undefined when the server does not serve it. A miss is looked up afresh: definitions may have come since. */
  async find(apiVersion: string, kind: string): Promise<ApiResource | undefined> {
    const remembered = await this.known.get(apiVersion)?.catch(() => undefined);
    const found = remembered?.get(kind);
    if (found) return found;
    const asked = this.ask(apiVersion);
    this.known.set(apiVersion, asked);
    return (await asked).get(kind);
  }

  private async ask(apiVersion: string): Promise<Map<string, ApiResource>> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const kinds = new Map<string, ApiResource>();
    const answer = await this.client.send({ method: "GET", path: root }).catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 404) return {};
      throw error;
    });
    for (const resource of listAt(answer, "resources")) {
      if (!isObject(resource)) continue;
      const { name, kind, namespaced } = resource;
      if (typeof name !== "string" || typeof kind !== "string" || name.includes("/")) continue;
      kinds.set(kind, { root, plural: name, namespaced: namespaced === true });
    }
    return kinds;
  }
}

/**
 * Whether a kind lives in namespaces, without asking a server: known for what Kubernetes itself serves, undefined for
 * the rest.
 */
export function isNamespacedBuiltIn(apiVersion: string, kind: string): boolean | undefined {
  return isBuiltInGroup(groupOf(apiVersion)) ? !clusterScoped.has(kind) : undefined;
}

/** The built-in kinds without namespace of Kubernetes 1.36. */
const clusterScoped = new Set([
  "APIService",
  "CSIDriver",
  "CSINode",
  "CertificateSigningRequest",
  "ClusterRole",
  "ClusterRoleBinding",
  "ClusterTrustBundle",
  "ComponentStatus",
  "CustomResourceDefinition",
  "DeviceClass",
  "DeviceTaintRule",
  "FlowSchema",
  "IPAddress",
  "IngressClass",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "PriorityLevelConfiguration",
  "ResourceSlice",
  "RuntimeClass",
  "SelfSubjectAccessReview",
  "SelfSubjectReview",
  "SelfSubjectRulesReview",
  "ServiceCIDR",
  "StorageClass",
  "StorageVersion",
  "StorageVersionMigration",
  "SubjectAccessReview",
  "TokenReview",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeAttachment",
  "VolumeAttributesClass",
]);
