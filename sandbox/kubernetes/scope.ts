import { type Cluster } from "./cluster";
import { isNamespacedBuiltIn } from "./discovery";

/** Whether a kind has namespaces, and which one an object gets that names none. */
export interface Scope {
  isNamespaced: boolean;
  namespace: string;
}

/**
 * Finds the scope of a kind. One that nobody knows yet, because its definition comes in the same update or the cluster
 * cannot be asked, is taken to have namespaces, as the real provider does.
 */
export async function scopeOf(
  cluster: Cluster | undefined,
  apiVersion: string,
  kind: string,
): Promise<Scope> {
  const isNamespaced =
    isNamespacedBuiltIn(apiVersion, kind) ??
    (await cluster?.find(apiVersion, kind).catch(() => undefined))?.namespaced ??
    true;
  return { isNamespaced, namespace: cluster?.namespace ?? "default" };
}
