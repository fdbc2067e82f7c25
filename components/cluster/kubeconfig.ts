import { stringify } from "yaml";

/** Everything that an administrator's client needs to open one cluster. */
export interface KubeconfigFacts {
  /** Name of the cluster, also of the context: the region's name. */
  cluster: string;
  /** URL of the API server, with port. */
  endpoint: string;
  /** The CA of the API server's certificate, PEM. */
  serverCaPem: string;
  /** The administrator's certificate, PEM. */
  certificatePem: string;
  /** The private key of that certificate, PEM. */
  privateKeyPem: string;
}

/** A kubeconfig (YAML) with one cluster, one user and one context. */
export function kubeconfig(facts: KubeconfigFacts): string {
  const user = `${facts.cluster}-admin`;
  return stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: facts.cluster,
          cluster: {
            server: facts.endpoint,
            "certificate-authority-data": base64(facts.serverCaPem),
          },
        },
      ],
      users: [
        {
          name: user,
          user: {
            "client-certificate-data": base64(facts.certificatePem),
            "client-key-data": base64(facts.privateKeyPem),
          },
        },
      ],
      contexts: [{ name: facts.cluster, context: { cluster: facts.cluster, user } }],
      "current-context": facts.cluster,
    },
    { lineWidth: 0 },
  );
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
