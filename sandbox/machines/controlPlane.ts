import { mkdirSync, readFileSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { sandboxPath } from "../directory";
import { parse } from "yaml";
import { type Bootstrap, clusterPath } from "./cluster";
import { controlPlaneFiles, type ControlPlaneFiles } from "./controlPlaneFiles";
import { diskPath, writeFile, writeJson } from "./disk";
import type { K3s } from "./k3s";
import { kubeArgs } from "./kubeArgs";
import { startDaemon } from "./processes";
import { stages } from "./stages";

/** A machine that is to host a cluster's control plane. */
export interface ControlPlane {
  machine: string;
  cluster: string;
  /** The node's own loopback address: everything listens there, on the default ports. */
  address: string;
  k3s: K3s;
  bootstrap: Bootstrap;
}

/** Starts the datastore and the API server with the flags that k3s passes, changed by those of its configuration. */
export async function startApi(plane: ControlPlane): Promise<ControlPlaneFiles> {
  const files = await controlPlaneFiles(plane);
  const bin = (name: string): string => sandboxPath("bin", name);
  mkdirSync(clusterPath(plane.cluster, "etcd"), { recursive: true, mode: 0o700 });
  startDaemon(plane.machine, "etcd", bin("etcd"), etcdArgs(plane, files));
  startDaemon(plane.machine, "kube-apiserver", bin("kube-apiserver"), apiServerArgs(plane, files));
  return files;
}

/** Starts what needs a living API: controller manager, scheduler, and kwok in place of the kubelets. */
export function startControllers(plane: ControlPlane, files: ControlPlaneFiles): void {
  const bin = (name: string): string => sandboxPath("bin", name);
  const { machine } = plane;
  startDaemon(
    machine,
    "kube-controller-manager",
    bin("kube-controller-manager"),
    controllerManagerArgs(plane, files),
  );
  startDaemon(machine, "kube-scheduler", bin("kube-scheduler"), schedulerArgs(plane, files));
  const config = diskPath(machine, "/var/lib/rancher/k3s/server/etc/kwok.yaml");
  writeFile(config, stages.map((stage) => JSON.stringify(stage)).join("\n---\n"));
  startDaemon(machine, "kwok", bin("kwok"), [
    `--config=${config}`,
    `--kubeconfig=${files.kwok.kubeconfig}`,
    "--manage-all-nodes=true",
    "--node-lease-duration-seconds=40",
    `--cidr=${plane.bootstrap.settings.clusterCidr}`,
    `--node-ip=${plane.address}`,
    `--server-address=${plane.address}:10247`,
  ]);
}

function etcdArgs({ cluster, address, k3s }: ControlPlane, files: ControlPlaneFiles): string[] {
  const client = `https://${address}:2379`;
  const peer = `https://${address}:2380`;
  return kubeArgs(
    {
      name: cluster,
      "data-dir": clusterPath(cluster, "etcd"),
      "listen-client-urls": client,
      "advertise-client-urls": client,
      "listen-peer-urls": peer,
      "initial-advertise-peer-urls": peer,
      "initial-cluster": `${cluster}=${peer}`,
      "client-cert-auth": "true",
      "trusted-ca-file": files.ca("etcd/server-ca"),
      "cert-file": files.etcdServer.certificate,
      "key-file": files.etcdServer.key,
      "peer-client-cert-auth": "true",
      "peer-trusted-ca-file": files.ca("etcd/peer-ca"),
      "peer-cert-file": files.etcdPeer.certificate,
      "peer-key-file": files.etcdPeer.key,
      "log-level": "warn",
      // The disk is a simulation too: nobody needs its data after a loss of power.
      "unsafe-no-fsync": "true",
    },
    k3s.args.etcd.filter((arg) => !/^(--)?listen-/.test(arg)),
  );
}

function apiServerArgs(plane: ControlPlane, files: ControlPlaneFiles): string[] {
  const { address, bootstrap, k3s } = plane;
  const { clusterDomain, serviceCidr } = bootstrap.settings;
  const issuer = `https://kubernetes.default.svc.${clusterDomain}`;
  const extra = k3s.args.apiserver.map((arg) => onDisk(plane.machine, arg));
  const has = (flag: string): boolean => extra.some((arg) => arg.startsWith(`${flag}=`));
  return kubeArgs(
    {
      "advertise-address": address,
      "allow-privileged": "true",
      "api-audiences": `${issuer},k3s`,
      // k3s leaves both to the user's files when there are any.
      ...(!has("authorization-config") && { "authorization-mode": "Node,RBAC" }),
      ...(!has("authorization-config") &&
        !has("authentication-config") && { "anonymous-auth": "false" }),
      "bind-address": address,
      "cert-dir": diskPath(plane.machine, "/var/lib/rancher/k3s/server/tls/temporary-certs"),
      "client-ca-file": files.ca("client-ca"),
      "enable-admission-plugins": "NodeRestriction",
      "enable-aggregator-routing": "true",
      // Endpoints may not name loopback addresses, which all of ours are.
      "endpoint-reconciler-type": "none",
      "etcd-servers": `https://${address}:2379`,
      "etcd-cafile": files.ca("etcd/server-ca"),
      "etcd-certfile": files.etcdClient.certificate,
      "etcd-keyfile": files.etcdClient.key,
      ...(files.encryption && { "encryption-provider-config": files.encryption }),
      "kubelet-certificate-authority": files.ca("server-ca"),
      "kubelet-client-certificate": files.kubeletClient.certificate,
      "kubelet-client-key": files.kubeletClient.key,
      profiling: "false",
      "proxy-client-cert-file": files.authProxy.certificate,
      "proxy-client-key-file": files.authProxy.key,
      "requestheader-allowed-names": "system:auth-proxy",
      "requestheader-client-ca-file": files.ca("request-header-ca"),
      "requestheader-extra-headers-prefix": "X-Remote-Extra-",
      "requestheader-group-headers": "X-Remote-Group",
      "requestheader-username-headers": "X-Remote-User",
      "secure-port": "6443",
      "service-account-issuer": issuer,
      "service-account-key-file": files.serviceKey,
      "service-account-signing-key-file": files.serviceKey,
      "service-cluster-ip-range": serviceCidr,
      "service-node-port-range": k3s.serviceNodePortRange,
      "storage-backend": "etcd3",
      "tls-cert-file": files.apiServer.certificate,
      "tls-private-key-file": files.apiServer.key,
    },
    extra.filter(isNotListener),
  );
}

function controllerManagerArgs(plane: ControlPlane, files: ControlPlaneFiles): string[] {
  const { kubeconfig } = files.controllerManager;
  const { clusterCidr, ownCloudController, serviceCidr } = plane.bootstrap.settings;
  const signing = (use: string, ca: "client-ca" | "server-ca"): Record<string, string> => ({
    [`cluster-signing-${use}-cert-file`]: files.ca(ca),
    [`cluster-signing-${use}-key-file`]: files.caKey(ca),
  });
  return kubeArgs(
    {
      "allocate-node-cidrs": "true",
      "authentication-kubeconfig": kubeconfig,
      "authorization-kubeconfig": kubeconfig,
      "bind-address": plane.address,
      "cluster-cidr": clusterCidr,
      ...signing("kube-apiserver-client", "client-ca"),
      ...signing("kubelet-client", "client-ca"),
      ...signing("kubelet-serving", "server-ca"),
      ...signing("legacy-unknown", "client-ca"),
      "configure-cloud-routes": "false",
      controllers: ownCloudController
        ? "*,tokencleaner,-service,-route,-cloud-node-lifecycle"
        : "*,tokencleaner",
      kubeconfig,
      "leader-elect": "false",
      profiling: "false",
      "root-ca-file": files.ca("server-ca"),
      "service-account-private-key-file": files.serviceKey,
      "service-cluster-ip-range": serviceCidr,
      "use-service-account-credentials": "true",
    },
    plane.k3s.args.controllerManager.map((arg) => onDisk(plane.machine, arg)).filter(isNotListener),
  );
}

function schedulerArgs(plane: ControlPlane, files: ControlPlaneFiles): string[] {
  const { kubeconfig } = files.scheduler;
  return kubeArgs(
    {
      "authentication-kubeconfig": kubeconfig,
      "authorization-kubeconfig": kubeconfig,
      "bind-address": plane.address,
      kubeconfig,
      "leader-elect": "false",
      profiling: "false",
    },
    plane.k3s.args.scheduler.map((arg) => onDisk(plane.machine, arg)).filter(isNotListener),
  );
}

/** Regions lie side by side on one machine, so nothing may listen on an address that they share. */
function isNotListener(arg: string): boolean {
  return !/^(--)?(bind-address|secure-port|advertise-address|advertise-port|leader-elect)=/.test(
    arg,
  );
}

/** Turns a flag's path on the machine into the path of its disk here. */
function onDisk(machine: string, arg: string): string {
  const at = arg.indexOf("=");
  const value = arg.slice(at + 1);
  if (at < 0 || !isAbsolute(value)) return arg;
  const path = diskPath(machine, value);
  mkdirSync(dirname(path), { recursive: true });
  const name = arg.slice(0, at).replace(/^--/, "");
  if (name !== "admission-control-config-file") return `${name}=${path}`;
  const copy = `${path}.on-disk.json`;
  writeJson(copy, pathsOnDisk(machine, parse(readFileSync(path, "utf8"))));
  return `${name}=${copy}`;
}

/** An admission configuration names further files by `path`. */
function pathsOnDisk(machine: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => pathsOnDisk(machine, item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      key === "path" && typeof child === "string" && isAbsolute(child)
        ? diskPath(machine, child)
        : pathsOnDisk(machine, child),
    ]),
  );
}
