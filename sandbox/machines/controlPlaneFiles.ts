import ipaddr from "ipaddr.js";
import { randomBytes } from "node:crypto";
import { stringify } from "yaml";
import { authorityFiles, type AuthorityName, tlsDirectory } from "./authorities";
import { issueLeaf, type KeyPair, type Leaf } from "./certificates";
import { authority } from "./cluster";
import type { ControlPlane } from "./controlPlane";
import { diskPath, writeFile } from "./disk";

/** Paths of a certificate and its key. */
type KeyPairPaths = KeyPair;

/** Paths of what the control plane's programs read, at the places where k3s has them. */
export interface ControlPlaneFiles {
  ca: (name: AuthorityName) => string;
  caKey: (name: AuthorityName) => string;
  serviceKey: string;
  /** EncryptionConfiguration, when secrets are encrypted. */
  encryption?: string;
  apiServer: KeyPairPaths;
  etcdServer: KeyPairPaths;
  etcdPeer: KeyPairPaths;
  etcdClient: KeyPairPaths;
  kubeletClient: KeyPairPaths;
  authProxy: KeyPairPaths;
  controllerManager: { kubeconfig: string };
  scheduler: { kubeconfig: string };
  kwok: { kubeconfig: string };
}

const credentials = "/var/lib/rancher/k3s/server/cred";

/** Puts the CAs of the bootstrap record on the disk and issues from them the certificates that k3s issues. */
export async function controlPlaneFiles(plane: ControlPlane): Promise<ControlPlaneFiles> {
  const { machine, address, bootstrap } = plane;
  const { authorities, settings } = bootstrap;
  const tls = (file: string): string => diskPath(machine, `${tlsDirectory}/${file}`);
  for (const file of authorityFiles) writeFile(tls(file), authorities[file]);

  const issue = async (name: AuthorityName, file: string, leaf: Leaf): Promise<KeyPairPaths> => {
    const pair = await issueLeaf(authority(authorities, name), leaf);
    const paths = { certificate: tls(`${file}.crt`), key: tls(`${file}.key`) };
    writeFile(paths.certificate, pair.certificate);
    writeFile(paths.key, pair.key);
    return paths;
  };
  const kubeconfig = async (
    file: string,
    path: string,
    commonName: string,
    organizations: string[] = [],
  ): Promise<{ kubeconfig: string }> => {
    const usages: Leaf["usages"] = ["client"];
    const paths = await issue("client-ca", file, { commonName, organizations, usages });
    writeFile(diskPath(machine, path), kubeconfigText(address, tls("server-ca.crt"), paths));
    return { kubeconfig: diskPath(machine, path) };
  };

  let encryption: string | undefined;
  if (bootstrap.encryption) {
    encryption = diskPath(machine, `${credentials}/encryption-config.yaml`);
    writeFile(encryption, bootstrap.encryption);
  }
  const both: Leaf["usages"] = ["server", "client"];
  await kubeconfig("client-admin", "/etc/rancher/k3s/k3s.yaml", "system:admin", ["system:masters"]);
  return {
    ca: (name) => tls(`${name}.crt`),
    caKey: (name) => tls(`${name}.key`),
    serviceKey: tls("service.key"),
    ...(encryption && { encryption }),
    apiServer: await issue("server-ca", "serving-kube-apiserver", {
      commonName: "kube-apiserver",
      usages: ["server"],
      names: [
        ...new Set([
          "kubernetes",
          "kubernetes.default",
          "kubernetes.default.svc",
          `kubernetes.default.svc.${settings.clusterDomain}`,
          "localhost",
          "127.0.0.1",
          machine,
          address,
          firstAddress(settings.serviceCidr),
          ...settings.tlsSans,
          ...plane.k3s.tlsSans,
        ]),
      ],
    }),
    etcdServer: await issue("etcd/server-ca", "etcd/server-client", {
      commonName: "etcd-server",
      usages: both,
      names: ["localhost", "127.0.0.1", machine, address],
    }),
    etcdPeer: await issue("etcd/peer-ca", "etcd/peer-server-client", {
      commonName: "etcd-peer",
      usages: both,
      names: ["localhost", "127.0.0.1", machine, address],
    }),
    etcdClient: await issue("etcd/server-ca", "etcd/client", {
      commonName: "etcd-client",
      usages: ["client"],
    }),
    kubeletClient: await issue("client-ca", "client-kube-apiserver", {
      commonName: "system:apiserver",
      organizations: ["system:masters"],
      usages: ["client"],
    }),
    authProxy: await issue("request-header-ca", "client-auth-proxy", {
      commonName: "system:auth-proxy",
      usages: ["client"],
    }),
    controllerManager: await kubeconfig(
      "client-controller",
      `${credentials}/controller.kubeconfig`,
      "system:kube-controller-manager",
    ),
    scheduler: await kubeconfig(
      "client-scheduler",
      `${credentials}/scheduler.kubeconfig`,
      "system:kube-scheduler",
    ),
    kwok: await kubeconfig("client-kwok", `${credentials}/kwok.kubeconfig`, "kwok", [
      "system:masters",
    ]),
  };
}

/** An EncryptionConfiguration for Secrets with a fresh key, in the form that k3s makes. */
export function encryptionConfiguration(provider: "aescbc" | "secretbox"): string {
  const key = { name: `${provider}key`, secret: randomBytes(32).toString("base64") };
  return stringify({
    kind: "EncryptionConfiguration",
    apiVersion: "apiserver.config.k8s.io/v1",
    resources: [
      { resources: ["secrets"], providers: [{ [provider]: { keys: [key] } }, { identity: {} }] },
    ],
  });
}

/** The address of the Service `kubernetes`: the first of the range. */
function firstAddress(cidr: string): string {
  const network = ipaddr.IPv4.networkAddressFromCIDR(cidr).toByteArray();
  return ipaddr.fromByteArray([...network.slice(0, 3), (network[3] ?? 0) + 1]).toString();
}

function kubeconfigText(address: string, ca: string, client: KeyPairPaths): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "default",
    clusters: [
      {
        name: "default",
        cluster: { server: `https://${address}:6443`, "certificate-authority": ca },
      },
    ],
    users: [
      {
        name: "default",
        user: { "client-certificate": client.certificate, "client-key": client.key },
      },
    ],
    contexts: [{ name: "default", context: { cluster: "default", user: "default" } }],
  });
}
