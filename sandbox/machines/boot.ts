import { chmodSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { startActors } from "./actors";
import { createAuthorities } from "./certificates";
import { releaseLeases, removeVanished } from "./cloudController";
import { parseCloudInit } from "./cloudInit";
import {
  adminApi,
  type Bootstrap,
  claimHost,
  clusterName,
  clusterPath,
  findCluster,
  readBootstrap,
  readHost,
  serversOf,
  writeBootstrap,
} from "./cluster";
import { startApi, startControllers } from "./controlPlane";
import { encryptionConfiguration } from "./controlPlaneFiles";
import {
  diskPath,
  log,
  type Machine,
  machinePath,
  readMachine,
  remove,
  updateMachine,
  writeFile,
} from "./disk";
import { refuseToken, tokenPassword } from "./joinToken";
import { type K3s, readK3s } from "./k3s";
import { isReady } from "./kubeApi";
import { isRunning, lastWords } from "./processes";
import { register } from "./registration";

/** A cluster does not let the machine in. */
class Refused extends Error {}

const joinMinutes = 10;
const apiMinutes = 3;

/**
 * Boots a machine: reads its cloud-init and makes it so. Ends when its node is Ready, or when it never will be; the
 * outcome is in machine.json and the story in console.log. May be run again at any point of its work.
 */
export async function boot(name: string): Promise<void> {
  const machine = readMachine(name);
  if (!machine) throw new Error(`there is no machine named ${name}`);
  const started = Date.now();
  try {
    const message = await run(machine);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    log(name, `ready after ${seconds} s: ${message}`);
    updateMachine(name, { state: "ready", message });
  } catch (error) {
    const state = error instanceof Refused ? "refused" : "failed";
    const message = error instanceof Error ? error.message : String(error);
    log(name, `${state}: ${message}`);
    updateMachine(name, { state, message });
  }
}

async function run(machine: Machine): Promise<string> {
  const { name } = machine.server;
  const userData = readFileSync(machinePath(name, "user-data"), "utf8");
  if (userData.trim() === "") return "no user data, nothing to start";
  const cloudInit = parseCloudInit(userData);
  for (const warning of cloudInit.warnings) log(name, `cloud-init: ${warning}`);
  for (const { path, content, mode } of cloudInit.files) {
    writeFile(diskPath(name, path), content);
    chmodSync(diskPath(name, path), mode | 0o600);
  }
  const k3s = readK3s(cloudInit);
  if (!k3s) return "no k3s in its cloud-init, nothing to start";
  for (const note of k3s.notes) log(name, note);
  if (k3s.nodeIp && k3s.nodeIp !== machine.server.ipv4Address) {
    throw new Error(
      `node-ip ${k3s.nodeIp} is not an address of this machine, which has ${machine.server.ipv4Address}`,
    );
  }
  updateMachine(name, { role: k3s.role });
  const booting = { ...machine, role: k3s.role };
  const cluster = k3s.serverUrl
    ? await join(booting, k3s, k3s.serverUrl)
    : await found(booting, k3s);
  await register(booting, k3s, cluster);
  return `node of cluster ${cluster}`;
}

/** The first server: founds a cluster, or goes on with the one that it founded. */
async function found(machine: Machine, k3s: K3s): Promise<string> {
  const { name, ipv4Address } = machine.server;
  const cluster = clusterName(name);
  const others = serversOf(cluster).filter((server) => server !== name);
  if (readHost(cluster)?.machine !== name) {
    if (others.length > 0) {
      throw new Error(
        `this server has no "server" in its configuration, so it would found a second cluster beside ${cluster}, whose servers are ${others.join(", ")}`,
      );
    }
    remove(clusterPath(cluster));
  }
  // Before it hosts anything, so that a machine that is taken away half-way takes everything with it.
  updateMachine(name, { cluster });
  if (!claimHost(cluster, { machine: name, address: ipv4Address })) {
    throw new Error(`cluster ${cluster} was founded by ${readHost(cluster)?.machine}`);
  }
  if (!readBootstrap(cluster)) writeBootstrap(cluster, await newBootstrap(machine, k3s));
  await host(machine, k3s, cluster);
  return cluster;
}

async function newBootstrap(machine: Machine, k3s: K3s): Promise<Bootstrap> {
  const { clusterCidr, clusterDomain, critical, ownCloudController, serviceCidr, tlsSans } = k3s;
  if (!k3s.authorities) log(machine.server.name, "no CA on the disk: k3s makes its own");
  const authorities = k3s.authorities ?? (await createAuthorities());
  const serverPassword = k3s.token ? tokenPassword(k3s.token) : crypto.randomUUID();
  if (k3s.token) {
    const refusal = refuseToken(k3s.token, "server", {
      serverPassword,
      agentPassword: serverPassword,
      serverCa: authorities["server-ca.crt"],
    });
    if (refusal) throw new Error(`token: ${refusal}`);
  }
  return {
    authorities,
    serverPassword,
    agentPassword: k3s.agentToken ? tokenPassword(k3s.agentToken) : serverPassword,
    settings: { clusterCidr, serviceCidr, clusterDomain, ownCloudController, critical, tlsSans },
    ...(k3s.secretsEncryption && { encryption: encryptionConfiguration(k3s.secretsEncryption) }),
  };
}

/** Waits for the cluster at a URL and asks to be let in. */
async function join(machine: Machine, k3s: K3s, url: string): Promise<string> {
  const { name, ipv4Address } = machine.server;
  const { hostname } = new URL(url);
  const deadline = Date.now() + joinMinutes * 60_000;
  let reported = 0;
  for (;;) {
    const cluster = findCluster(hostname);
    const bootstrap = cluster && readBootstrap(cluster);
    if (cluster && bootstrap) {
      const mine = readHost(cluster)?.machine === name;
      const vacant = !readHost(cluster) && k3s.role === "server";
      if (mine || vacant) {
        admit(k3s, bootstrap);
        updateMachine(name, { cluster });
        if (claimHost(cluster, { machine: name, address: ipv4Address })) {
          log(name, `takes over the control plane of ${cluster} from its datastore`);
          await host(machine, k3s, cluster);
          return cluster;
        }
      }
      const api = await adminApi(cluster);
      if (api && (await isReady(api))) {
        admit(k3s, bootstrap);
        updateMachine(name, { cluster });
        log(name, `joins ${cluster} as ${k3s.role}`);
        return cluster;
      }
    }
    if (Date.now() > deadline) {
      throw new Error(`no Kubernetes API at ${url} after ${joinMinutes} minutes`);
    }
    if (Date.now() - reported > 10_000) {
      log(name, `waits for ${url}`);
      reported = Date.now();
    }
    await sleep(500);
  }
}

/** @throws Refused when the token or a setting that all servers share is not the cluster's */
function admit(k3s: K3s, bootstrap: Bootstrap): void {
  const refusal = refuseToken(k3s.token ?? "", k3s.role, {
    ...bootstrap,
    serverCa: bootstrap.authorities["server-ca.crt"],
  });
  if (refusal) throw new Refused(refusal);
  if (k3s.role === "agent") return;
  const mismatches = Object.entries(bootstrap.settings.critical)
    .filter(([key, value]) => k3s.critical[key] !== value)
    .map(([key]) => key);
  if (mismatches.length > 0) {
    throw new Refused(
      `critical configuration value mismatch between servers: ${mismatches.join(", ")}`,
    );
  }
}

/** Runs the control plane on this machine and waits until it is ready. */
async function host(machine: Machine, k3s: K3s, cluster: string): Promise<void> {
  const { name, ipv4Address } = machine.server;
  const bootstrap = readBootstrap(cluster);
  if (!bootstrap) throw new Error(`cluster ${cluster} has no bootstrap record`);
  const plane = { machine: name, cluster, address: ipv4Address, k3s, bootstrap };
  const files = await startApi(plane);
  const api = await adminApi(cluster);
  const deadline = Date.now() + apiMinutes * 60_000;
  if (!api) throw new Error(`cluster ${cluster} has lost its control plane`);
  while (!(await isReady(api))) {
    for (const daemon of ["etcd", "kube-apiserver"]) {
      if (!isRunning(name, daemon)) throw new Error(`${daemon} ended: ${lastWords(name, daemon)}`);
    }
    if (Date.now() > deadline) {
      throw new Error(
        `the API server is not ready after ${apiMinutes} minutes, see logs/kube-apiserver.log`,
      );
    }
    await sleep(100);
  }
  log(name, `Kubernetes API of ${cluster} is ready at https://${ipv4Address}:6443`);
  if (!isRunning(name, "kwok")) await releaseLeases(api);
  startControllers(plane, files);
  startActors(name, cluster);
  await removeVanished(api);
}
