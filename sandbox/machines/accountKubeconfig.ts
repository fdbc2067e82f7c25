import { stringify } from "yaml";
import type { ApiClient } from "../kubernetes/client";
import { tlsDirectory } from "./authorities";
import { diskPath, readMachine, writeFile } from "./disk";

const tokenYears = 10;

/**
 * Writes a kubeconfig with the rights of a service account, as a pod of that account has them, for the API that a
 * machine hosts.
 */
export async function writeAccountKubeconfig(
  machine: string,
  client: ApiClient,
  account: { name: string; namespace: string },
  path: string,
): Promise<void> {
  const { status } = (await client.send({
    method: "POST",
    path: `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`,
    body: { spec: { expirationSeconds: tokenYears * 365 * 24 * 3600 } },
  })) as { status: { token: string } };
  const address = readMachine(machine)?.server.ipv4Address;
  const cluster = {
    server: `https://${address}:6443`,
    "certificate-authority": diskPath(machine, `${tlsDirectory}/server-ca.crt`),
  };
  writeFile(
    path,
    stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "default",
      clusters: [{ name: "default", cluster }],
      users: [{ name: "default", user: { token: status.token } }],
      contexts: [{ name: "default", context: { cluster: "default", user: "default" } }],
    }),
  );
}
