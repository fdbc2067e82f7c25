import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { sandboxPath } from "../directory";
import { remove } from "../machines/disk";
import { endProcess, isRunning, lastWords, startDaemon } from "../machines/processes";
import { type Accounts, type KeyRange } from "./accounts";

/** A mesh etcd that is to be made. */
export interface MeshEtcd {
  /** The machine it belongs to. */
  machine: string;
  /** Loopback address to listen on while nobody else may enter. */
  address: string;
  dataDirectory: string;
  /** Flags by which etcd knows itself again: name, token and peer addresses. */
  identity: string[];
}

const processName = "mesh-etcd-init";
/** Beside the port of peers; nobody else uses it. */
const port = 32_381;
const startSeconds = 30;

/**
 * Does what Cilium's `etcdinit` does: wipes the data, starts etcd for itself alone, makes the accounts, turns access
 * control on and ends it. (The program itself cannot be used: it starts `/usr/bin/etcd` on a fixed address.)
 */
export async function initialiseEtcd(etcd: MeshEtcd, accounts: Accounts): Promise<void> {
  const { machine, address, dataDirectory } = etcd;
  await endProcess(machine, processName);
  remove(dataDirectory);
  const url = `http://${address}:${port}`;
  startDaemon(machine, processName, sandboxPath("bin", "etcd"), [
    `--data-dir=${dataDirectory}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    "--log-level=warn",
    "--unsafe-no-fsync",
    ...etcd.identity,
  ]);
  try {
    const deadline = Date.now() + startSeconds * 1000;
    while (!(await answers(url))) {
      if (!isRunning(machine, processName))
        throw new Error(`mesh etcd: ${lastWords(machine, processName)}`);
      if (Date.now() > deadline)
        throw new Error(`mesh etcd did not start within ${startSeconds} s`);
      await sleep(50);
    }
    for (const [path, body] of requests(accounts)) await post(url, path, body);
  } finally {
    await endProcess(machine, processName);
  }
}

/** The calls that make the accounts, in order: paths and bodies of etcd's JSON interface. */
export function requests({ roles, users }: Accounts): [path: string, body: object][] {
  return [
    ...Object.entries(roles).flatMap(([name, ranges]): [string, object][] => [
      ["/v3/auth/role/add", { name }],
      ...ranges.map((range): [string, object] => [
        "/v3/auth/role/grant",
        { name, perm: readOnly(range) },
      ]),
    ]),
    ...Object.entries(users).flatMap(([name, role]): [string, object][] => [
      ["/v3/auth/user/add", { name, options: { no_password: true } }],
      ["/v3/auth/user/grant", { user: name, role }],
    ]),
    ["/v3/auth/enable", {}],
  ];
}

function readOnly({ start, end }: KeyRange): object {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return {
    permType: "READ",
    key: base64(start),
    ...(end !== undefined && { range_end: base64(end) }),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    await post(url, "/v3/maintenance/status", {});
    return true;
  } catch {
    return false;
  }
}

function post(url: string, path: string, body: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url + path, { method: "POST", timeout: 5_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve();
        else
          reject(new Error(`mesh etcd ${path}: ${Buffer.concat(chunks).toString("utf8").trim()}`));
      });
    });
    outgoing.on("timeout", () =>
      outgoing.destroy(new Error(`mesh etcd ${path}: no answer in 5 s`)),
    );
    outgoing.on("error", reject);
    outgoing.end(JSON.stringify(body));
  });
}
