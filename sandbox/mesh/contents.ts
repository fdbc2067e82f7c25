import { type ApiClient, ApiError } from "../kubernetes/client";
import { type Contents, namedContents, type Pod } from "./pod";

/** The ConfigMaps and Secrets that a pod names, as far as they exist. */
export async function readContents(client: ApiClient, pod: Pod): Promise<Contents> {
  const contents = new Map<string, Map<string, Buffer>>();
  for (const name of namedContents(pod)) {
    const [kind, object] = name.split("/");
    const plural = kind === "secret" ? "secrets" : "configmaps";
    try {
      const path = `/api/v1/namespaces/${pod.metadata.namespace}/${plural}/${object}`;
      const { data } = (await client.send({ method: "GET", path })) as {
        data?: Record<string, string>;
      };
      const encoding = kind === "secret" ? "base64" : "utf8";
      const entries = Object.entries(data ?? {}).map(([key, value]): [string, Buffer] => [
        key,
        Buffer.from(value, encoding),
      ]);
      contents.set(name, new Map(entries));
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  }
  return contents;
}

/**
 * A setting of Cilium.
 *
 * @throws when its ConfigMap does not have it
 */
export function setting(contents: Contents, key: string): string {
  const value = contents.get("configMap/cilium-config")?.get(key)?.toString("utf8");
  if (value === undefined) throw new Error(`ConfigMap cilium-config has no key ${key}`);
  return value;
}
