/** Parts of a Pod that say what runs in it and with which files. */
export interface Pod {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    creationTimestamp: string;
    deletionTimestamp?: string;
  };
  spec: {
    nodeName?: string;
    serviceAccountName?: string;
    containers: Container[];
    volumes?: Volume[];
  };
  status?: { phase?: string };
}

/** A container of a pod. */
export interface Container {
  name: string;
  command?: string[];
  args?: string[];
  env?: EnvironmentVariable[];
  volumeMounts?: { name: string; mountPath: string }[];
}

/** A variable of a container, in place or from a field or a ConfigMap. */
export interface EnvironmentVariable {
  name: string;
  value?: string;
  valueFrom?: {
    fieldRef?: { fieldPath: string };
    configMapKeyRef?: { name: string; key: string; optional?: boolean };
  };
}

/** Keys of a ConfigMap or Secret that become files. */
export interface KeySource {
  name?: string;
  secretName?: string;
  optional?: boolean;
  items?: { key: string; path: string }[];
}

/** A volume of the kinds that Cilium's chart uses. */
export interface Volume {
  name: string;
  configMap?: KeySource;
  secret?: KeySource;
  projected?: { sources: { configMap?: KeySource; secret?: KeySource }[] };
  emptyDir?: object;
}

/** ConfigMaps and Secrets of a namespace by `configMap/name` and `secret/name`; each maps keys to contents. */
export type Contents = ReadonlyMap<string, ReadonlyMap<string, Buffer>>;

/**
 * The pod that stands for all replicas: the oldest that runs and is not being deleted. A Deployment's second replica
 * would only wait for the first one's lease.
 */
export function leadingPod(pods: readonly Pod[]): Pod | undefined {
  return pods
    .filter(
      ({ metadata, status }) =>
        status?.phase === "Running" && metadata.deletionTimestamp === undefined,
    )
    .toSorted(
      (a, b) =>
        a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) ||
        a.metadata.name.localeCompare(b.metadata.name),
    )[0];
}

/** The ConfigMaps and Secrets that a pod's volumes and variables name, as `configMap/name` and `secret/name`. */
export function namedContents({ spec }: Pod): string[] {
  const names = sources(spec.volumes ?? []).map(({ key }) => key);
  for (const { env } of spec.containers) {
    for (const { valueFrom } of env ?? []) {
      if (valueFrom?.configMapKeyRef) names.push(`configMap/${valueFrom.configMapKeyRef.name}`);
    }
  }
  return [...new Set(names)];
}

/**
 * The files of a volume by their paths in it, as a kubelet lays them out.
 *
 * @throws when a ConfigMap, Secret or key is missing that is not optional: a kubelet would not start the pod
 */
export function volumeFiles(volume: Volume, contents: Contents): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const { key, source } of sources([volume])) {
    const data = contents.get(key);
    if (!data) {
      if (source.optional) continue;
      throw new Error(`volume ${volume.name}: ${key} does not exist`);
    }
    const items = source.items ?? [...data.keys()].map((name) => ({ key: name, path: name }));
    for (const item of items) {
      const content = data.get(item.key);
      if (content) files.set(item.path, content);
      else if (!source.optional)
        throw new Error(`volume ${volume.name}: ${key} has no key ${item.key}`);
    }
  }
  return files;
}

/**
 * The variables of a container.
 *
 * @throws when a ConfigMap or key is missing that is not optional, or a field is none that Cilium's chart asks for
 */
export function variables(
  container: Container,
  pod: Pod,
  contents: Contents,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found = valueFrom ? valueOf(valueFrom, pod, contents) : (value ?? "");
    if (found !== undefined) result[name] = expand(found, result);
  }
  return result;
}

/** Replaces `$(NAME)` by the variable of that name, as Kubernetes does in commands; an unknown one stays as it is. */
export function expand(text: string, known: Record<string, string>): string {
  return text.replaceAll(/\$?\$\(([^)]+)\)/g, (whole, name: string) =>
    whole.startsWith("$$") ? whole.slice(1) : (known[name] ?? whole),
  );
}

function valueOf(
  { fieldRef, configMapKeyRef }: NonNullable<EnvironmentVariable["valueFrom"]>,
  { metadata, spec }: Pod,
  contents: Contents,
): string | undefined {
  if (configMapKeyRef) {
    const { name, key, optional } = configMapKeyRef;
    const content = contents.get(`configMap/${name}`)?.get(key);
    if (!content && !optional) throw new Error(`ConfigMap ${name} has no key ${key}`);
    return content?.toString("utf8");
  }
  const fields: Record<string, string | undefined> = {
    "metadata.name": metadata.name,
    "metadata.namespace": metadata.namespace,
    "metadata.uid": metadata.uid,
    "spec.nodeName": spec.nodeName,
  };
  const path = fieldRef?.fieldPath ?? "";
  if (!(path in fields)) throw new Error(`the sandbox knows no field "${path}" of a pod`);
  return fields[path];
}

function sources(volumes: readonly Volume[]): { key: string; source: KeySource }[] {
  return volumes.flatMap(({ configMap, secret, projected }) =>
    [{ configMap, secret }, ...(projected?.sources ?? [])].flatMap((source) => [
      ...(source.configMap
        ? [{ key: `configMap/${source.configMap.name}`, source: source.configMap }]
        : []),
      ...(source.secret
        ? [
            {
              key: `secret/${source.secret.secretName ?? source.secret.name}`,
              source: source.secret,
            },
          ]
        : []),
    ]),
  );
}
