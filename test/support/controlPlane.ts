import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../../sandbox/kubernetes/client";
import { parseKubeconfig } from "../../sandbox/kubernetes/kubeconfig";
import { createAuthorities, issueLeaf } from "../../sandbox/machines/certificates";
import { stages } from "../../sandbox/machines/stages";

/** A real Kubernetes cluster without machines: one node, played by kwok. */
export interface ControlPlane {
  /** Content of a kubeconfig with the rights of an administrator. */
  kubeconfig: string;
  /** Ends the API server but not its datastore. */
  stopApi(): Promise<void>;
  /** Starts the API server again. */
  startApi(): Promise<void>;
  /** Ends everything and deletes its files. */
  stop(): Promise<void>;
}

const bin = (name: string) => resolve(__dirname, "..", "..", ".sandbox", "bin", name);

/**
 * Starts a cluster on the default ports of a loopback address, from the programs in `.sandbox/bin`.
 *
 * @param address a loopback address that nothing else uses
 */
export async function startControlPlane(address: string): Promise<ControlPlane> {
  const directory = mkdtempSync(join(tmpdir(), "control-plane-"));
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const authorities = await createAuthorities();
  const serverCa = { certificate: authorities["server-ca.crt"], key: authorities["server-ca.key"] };
  const clientCa = { certificate: authorities["client-ca.crt"], key: authorities["client-ca.key"] };
  const server = await issueLeaf(serverCa, {
    commonName: "kube-apiserver",
    usages: ["server"],
    names: [address],
  });
  const admin = await issueLeaf(clientCa, {
    commonName: "system:admin",
    organizations: ["system:masters"],
    usages: ["client"],
  });
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const kubeconfig = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    clusters: [
      {
        name: "test",
        cluster: {
          server: `https://${address}:6443`,
          "certificate-authority-data": base64(serverCa.certificate),
        },
      },
    ],
    users: [
      {
        name: "admin",
        user: {
          "client-certificate-data": base64(admin.certificate),
          "client-key-data": base64(admin.key),
        },
      },
    ],
  });
  const kubeconfigFile = file("kubeconfig", kubeconfig);
  const serviceKey = file("service.key", authorities["service.key"]);
  const processes: ChildProcess[] = [];
  mkdirSync(join(directory, "etcd"), { mode: 0o700 });
  const etcd = `http://${address}:2379`;
  start("etcd", {
    "data-dir": join(directory, "etcd"),
    "listen-client-urls": etcd,
    "advertise-client-urls": etcd,
    "listen-peer-urls": `http://${address}:2380`,
    "initial-advertise-peer-urls": `http://${address}:2380`,
    "initial-cluster": `default=http://${address}:2380`,
    "unsafe-no-fsync": "true",
  });
  const apiFlags = {
    "bind-address": address,
    "advertise-address": address,
    "cert-dir": join(directory, "certs"),
    "etcd-servers": etcd,
    "tls-cert-file": file("server.crt", server.certificate),
    "tls-private-key-file": file("server.key", server.key),
    "client-ca-file": file("client-ca.crt", clientCa.certificate),
    "service-account-key-file": serviceKey,
    "service-account-signing-key-file": serviceKey,
    "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
    "service-cluster-ip-range": "10.119.0.0/16",
    "authorization-mode": "Node,RBAC",
    "allow-privileged": "true",
    "endpoint-reconciler-type": "none",
  };
  const client = new ApiClient(parseKubeconfig(kubeconfig));
  const stop = async () => {
    for (const process of processes.toReversed()) await end(process);
    rmSync(directory, { recursive: true, force: true });
  };
  let api = await startApi().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  start("kube-controller-manager", {
    kubeconfig: kubeconfigFile,
    "bind-address": address,
    "service-account-private-key-file": serviceKey,
    "use-service-account-credentials": "true",
    "leader-elect": "false",
  });
  start("kube-scheduler", {
    kubeconfig: kubeconfigFile,
    "authentication-kubeconfig": kubeconfigFile,
    "authorization-kubeconfig": kubeconfigFile,
    "bind-address": address,
    "leader-elect": "false",
  });
  start("kwok", {
    kubeconfig: kubeconfigFile,
    config: file("kwok.yaml", stages.map((stage) => JSON.stringify(stage)).join("\n---\n")),
    "manage-all-nodes": "true",
    "node-lease-duration-seconds": "40",
    "node-ip": address,
    "server-address": `${address}:10247`,
  });
  await client.send({ method: "POST", path: "/api/v1/nodes", body: node });
  return {
    kubeconfig,
    stopApi: () => end(api),
    startApi: async () => {
      api = await startApi();
    },
    stop,
  };

  function start(name: string, flags: Record<string, string>): ChildProcess {
    const log = openSync(join(directory, `${name}.log`), "a");
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    const started = spawn(bin(name), args, { stdio: ["ignore", log, log] });
    processes.push(started);
    return started;
  }

  async function startApi(): Promise<ChildProcess> {
    const started = start("kube-apiserver", apiFlags);
    const deadline = Date.now() + 60_000;
    for (;;) {
      const answers = await client.send({ method: "GET", path: "/readyz" }).then(
        () => true,
        () => false,
      );
      if (answers) return started;
      if (Date.now() > deadline || started.exitCode !== null) {
        const log = readFileSync(join(directory, "kube-apiserver.log"), "utf8");
        throw new Error(`kube-apiserver did not become ready:\n${log.slice(-2_000)}`);
      }
      await sleep(100);
    }
  }
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = new Promise((done) => process.once("exit", done));
  process.kill("SIGTERM");
  await Promise.race([
    ended,
    sleep(5_000, undefined, { ref: false }).then(() => process.kill("SIGKILL")),
  ]);
  await ended;
}

const node = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "test-1", labels: { "kubernetes.io/hostname": "test-1" } },
  spec: { podCIDR: "10.109.0.0/24", podCIDRs: ["10.109.0.0/24"] },
  status: {
    capacity: { cpu: "16", memory: "64Gi", pods: "110" },
    allocatable: { cpu: "16", memory: "64Gi", pods: "110" },
  },
};
