import { ApiClient } from "../kubernetes/client";
import { adminApi } from "./cluster";

/**
 * A client with full rights for the API of a cluster, which keeps its connections. Its certificate lasts a year.
 *
 * @throws when no machine hosts the cluster's control plane
 */
export async function adminClient(cluster: string): Promise<ApiClient> {
  const api = await adminApi(cluster);
  if (!api) throw new Error(`cluster ${cluster} has no control plane`);
  return new ApiClient({
    server: `https://${api.address}:6443`,
    namespace: "default",
    certificateAuthority: api.ca,
    clientCertificate: api.client.certificate,
    clientKey: api.client.key,
    insecure: false,
  });
}
