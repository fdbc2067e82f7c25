import { type ResourceContext } from "../provider/resourceType";
import { ApiClient, ApiError } from "./client";
import { type ApiResource, Discovery } from "./discovery";
import { parseKubeconfig } from "./kubeconfig";
import { type KubernetesObject, listAt } from "./kubernetesObject";
import { readSettings } from "./settings";

/** Which object: its kind and its name. */
export interface ObjectReference {
  apiVersion: string;
  kind: string;
  namespace?: string | undefined;
  name: string;
}

/** How to write an object. */
export interface WriteOptions {
  fieldManager: string;
  /** Only try: the API server does everything but store the result. */
  dryRun?: boolean;
  onWarning?: (message: string) => void;
}

/** The API server does not serve this kind. */
export class UnknownKindError extends Error {
  constructor(apiVersion: string, kind: string) {
    super(
      `the API server does not know the kind ${kind} of ${apiVersion}; is its definition (CRD) missing?`,
    );
  }
}

/** How the garbage collector treats what belongs to a deleted object. */
export type Propagation = "Foreground" | "Background" | "Orphan";

/** One Kubernetes cluster, and what can be done with its objects. Every method throws what {@link ApiClient.send} throws. */
export class Cluster {
  /** Namespace of the kubeconfig's context. */
  readonly namespace: string;
  private readonly client: ApiClient;
  private readonly discovery: Discovery;

  constructor(client: ApiClient, namespace: string) {
    this.client = client;
    this.namespace = namespace;
    this.discovery = new Discovery(client);
  }

  /** Where a kind is served, or undefined. */
  find(apiVersion: string, kind: string): Promise<ApiResource | undefined> {
    return this.discovery.find(apiVersion, kind);
  }

  /** The object, or undefined when it, its namespace or its kind does not exist. */
  async get(reference: ObjectReference): Promise<KubernetesObject | undefined> {
    try {
      const path = await this.path(reference, reference.name);
      return (await this.client.send({ method: "GET", path })) as KubernetesObject;
    } catch (error) {
      if (error instanceof UnknownKindError || isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** The objects of a kind in a namespace, chosen by labels such as `app=web,tier!=db`. */
  async list(
    { apiVersion, kind, namespace }: Omit<ObjectReference, "name">,
    labelSelector: string,
  ): Promise<KubernetesObject[]> {
    const path = await this.path({ apiVersion, kind, namespace });
    const answer = await this.client.send({ method: "GET", path, query: { labelSelector } });
    return listAt(answer, "items") as KubernetesObject[];
  }

  /** Makes the object; fails with `AlreadyExists` when it is there. */
  create(object: KubernetesObject, options: WriteOptions): Promise<KubernetesObject> {
    return this.write("POST", object, options);
  }

  /** Server-side apply: the fields given become the manager's, those it owned and no longer gives are dropped. */
  apply(
    object: KubernetesObject,
    options: WriteOptions & { force: boolean },
  ): Promise<KubernetesObject> {
    return this.write("PATCH", object, options, "application/apply-patch+yaml", {
      force: String(options.force),
    });
  }

  /** Puts the object in the place of the one with the same name and resourceVersion. */
  replace(object: KubernetesObject, options: WriteOptions): Promise<KubernetesObject> {
    return this.write("PUT", object, options);
  }

  /** Changes single places of an object, RFC 6902. */
  async patch(
    reference: ObjectReference,
    operations: unknown[],
    fieldManager: string,
  ): Promise<KubernetesObject> {
    const path = await this.path(reference, reference.name);
    const contentType = "application/json-patch+json";
    return (await this.client.send({
      method: "PATCH",
      path,
      query: { fieldManager },
      body: operations,
      contentType,
    })) as KubernetesObject;
  }

  /** Asks for the deletion of an object; it may live on until its finalizers are done. */
  async delete(reference: ObjectReference, propagationPolicy: Propagation): Promise<void> {
    const path = await this.path(reference, reference.name);
    await this.client.send({ method: "DELETE", path, body: { propagationPolicy } });
  }

  private async write(
    method: "POST" | "PUT" | "PATCH",
    object: KubernetesObject,
    { fieldManager, dryRun, onWarning }: WriteOptions,
    contentType = "application/json",
    query: Record<string, string> = {},
  ): Promise<KubernetesObject> {
    const { apiVersion, kind, metadata } = object;
    const resource = await this.resource(apiVersion, kind);
    const { namespace, ...clusterWide } = metadata;
    const body = resource.namespaced
      ? { ...object, metadata: { ...metadata, namespace: namespace ?? this.namespace } }
      : { ...object, metadata: clusterWide };
    return (await this.client.send({
      method,
      path: pathOf(
        resource,
        body.metadata["namespace"],
        method === "POST" ? undefined : metadata.name,
      ),
      query: { fieldManager, ...(dryRun && { dryRun: "All" }), ...query },
      body,
      contentType,
      ...(onWarning && { onWarning }),
    })) as KubernetesObject;
  }

  private async path(
    { apiVersion, kind, namespace }: Omit<ObjectReference, "name">,
    name?: string,
  ) {
    const resource = await this.resource(apiVersion, kind);
    return pathOf(resource, namespace ?? this.namespace, name);
  }

  private async resource(apiVersion: string, kind: string): Promise<ApiResource> {
    const resource = await this.discovery.find(apiVersion, kind);
    if (!resource) throw new UnknownKindError(apiVersion, kind);
    return resource;
  }
}

const clusters = new Map<string, Cluster>();

/**
 * The cluster that the provider's settings point to, or undefined while its kubeconfig is unknown.
 *
 * @throws when the kubeconfig is not one
 */
export function clusterOf({ config }: Pick<ResourceContext, "config">): Cluster | undefined {
  const settings = readSettings(config);
  if (settings.kubeconfig === undefined) return undefined;
  const key = JSON.stringify([
    settings.kubeconfig,
    settings.context,
    settings.cluster,
    settings.namespace,
  ]);
  const known = clusters.get(key);
  if (known) return known;
  const connection = parseKubeconfig(settings.kubeconfig, settings);
  const cluster = new Cluster(
    new ApiClient(connection),
    settings.namespace ?? connection.namespace,
  );
  clusters.set(key, cluster);
  return cluster;
}

/** True for "not found" answers of the API server. */
export const isNotFound = (error: unknown) => error instanceof ApiError && error.code === 404;

function pathOf(resource: ApiResource, namespace: unknown, name?: string): string {
  const scope = resource.namespaced ? `/namespaces/${String(namespace)}` : "";
  return `${resource.root}${scope}/${resource.plural}${name ? `/${encodeURIComponent(name)}` : ""}`;
}
