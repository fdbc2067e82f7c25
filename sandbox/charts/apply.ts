import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { ApiClient } from "../kubernetes/client";
import { Discovery } from "../kubernetes/discovery";
import type { KubernetesObject } from "../kubernetes/kubernetesObject";

/**
 * Applies the objects of YAML files on the server's side, as `kubectl apply --server-side --force-conflicts` does.
 *
 * @throws when the API does not serve a kind or refuses an object
 */
export async function applyFiles(
  client: ApiClient,
  paths: readonly string[],
  manager: string,
): Promise<void> {
  const discovery = new Discovery(client);
  for (const path of paths) {
    for (const document of parseAllDocuments(readFileSync(path, "utf8"))) {
      const object = document.toJS() as KubernetesObject | null;
      if (object) await applyObject(client, discovery, object, manager);
    }
  }
}

/** The YAML files of a directory of definitions, in order of names. */
export function definitionFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".yaml") && name !== "kustomization.yaml")
    .toSorted()
    .map((name) => join(directory, name));
}

async function applyObject(
  client: ApiClient,
  discovery: Discovery,
  object: KubernetesObject,
  manager: string,
): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const resource = await discovery.find(apiVersion, kind);
  if (!resource) throw new Error(`the cluster serves no ${apiVersion} ${kind}`);
  const scope = resource.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
  await client.send({
    method: "PATCH",
    path: `${resource.root}${scope}/${resource.plural}/${metadata.name}`,
    query: { fieldManager: manager, force: "true" },
    body: object,
    contentType: "application/apply-patch+yaml",
  });
}
