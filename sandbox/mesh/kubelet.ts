import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { stringify } from "yaml";
import { sandboxPath } from "../directory";
import type { ApiClient } from "../kubernetes/client";
import { writeAccountKubeconfig } from "../machines/accountKubeconfig";
import { log, machinePath, remove } from "../machines/disk";
import { endProcess, isRunning, startDaemon } from "../machines/processes";
import { accountsOf } from "./accounts";
import { readContents, setting } from "./contents";
import { localEtcdConfig, type Route } from "./etcdConfig";
import { initialiseEtcd } from "./initialiseEtcd";
import { type Container, type Contents, expand, type Pod, variables, volumeFiles } from "./pod";
import { mappedPaths, peerFlags, type Place, type Program, programs, withFlags } from "./programs";
import { writeVolume } from "./volumes";

/** What the kubelet of a simulated machine needs to know of its region. */
export interface Host {
  machine: string;
  /** Loopback address of the machine. */
  address: string;
  client: ApiClient;
  /** Where a client connects for an endpoint of the mesh. */
  route: (host: string, port: number) => Promise<Route>;
  /** The NodePort by which peers enter the region's mesh etcd. */
  nodePort: () => Promise<number>;
}

/** The client configuration inside Cilium's image: it leads to the etcd of the same pod. */
const imageConfig = {
  path: "/var/lib/cilium/etcd-config.yaml",
  content: stringify({
    "trusted-ca-file": "/var/lib/cilium/etcd-secrets/ca.crt",
    "key-file": "/var/lib/cilium/etcd-secrets/tls.key",
    "cert-file": "/var/lib/cilium/etcd-secrets/tls.crt",
    endpoints: ["https://127.0.0.1:2379"],
  }),
};

/** How often a pod's files are compared with the API; a kubelet needs up to a minute. */
const refreshMilliseconds = 5_000;

/** Seconds until an ended program is started again: twice as long after each time that it ended soon. */
const backoff = { first: 1, longest: 30, soon: 30 };

/** Runs the programs of one pod as a kubelet runs its containers, in processes of the machine. */
export class RunningPod {
  readonly pod: Pod;
  private readonly host: Host;
  private readonly starts = new Map<string, { at: number; wait: number }>();
  private refreshed = 0;

  private constructor(host: Host, pod: Pod) {
    this.host = host;
    this.pod = pod;
  }

  /**
   * Starts a pod, or goes on with one whose programs still run.
   *
   * @throws when something that it mounts is missing
   */
  static async start(host: Host, pod: Pod): Promise<RunningPod> {
    const running = new RunningPod(host, pod);
    const names = running.containers().map(({ program }) => program.name);
    const goesOn =
      existsSync(running.path()) && names.some((name) => isRunning(host.machine, name));
    if (!goesOn) {
      await running.end();
      await running.prepare();
      log(host.machine, `starts ${pod.metadata.name}: ${names.join(", ")}`);
    }
    await running.keep();
    return running;
  }

  /** Renews the files of the pod's volumes, and starts again what has ended. */
  async keep(): Promise<void> {
    const { machine } = this.host;
    const ended = this.containers().filter(({ program }) => !isRunning(machine, program.name));
    const due = ended.filter(({ program }) => this.isDue(program.name));
    if (due.length === 0 && Date.now() - this.refreshed < refreshMilliseconds) return;
    const contents = await this.refresh();
    const place = await this.place();
    for (const { container, program } of due) {
      const env = variables(container, this.pod, contents);
      // The programs find the API server by the kubeconfig.
      delete env["KUBERNETES_SERVICE_HOST"];
      const args = (container.args ?? []).map((arg) => this.local(expand(arg, env)));
      const assignments = Object.entries(env).map(
        ([name, value]) => `${name}=${this.local(value)}`,
      );
      startDaemon(machine, program.name, "env", [
        ...assignments,
        sandboxPath("bin", program.executable),
        ...withFlags(args, program.flags(place)),
      ]);
    }
  }

  /** Ends the pod's programs and forgets its files, an emptyDir's content among them. */
  async end(): Promise<void> {
    for (const { program } of this.containers().toReversed()) {
      await endProcess(this.host.machine, program.name);
    }
    remove(this.path());
  }

  private async prepare(): Promise<void> {
    const { address, client, machine } = this.host;
    const { namespace } = this.pod.metadata;
    const account = { name: this.pod.spec.serviceAccountName ?? "default", namespace };
    await writeAccountKubeconfig(machine, client, account, this.path("kubeconfig"));
    const contents = await this.refresh();
    const etcd = this.containers().find(({ program }) => program === programs["etcd"]);
    if (!etcd) return;
    const cluster = setting(contents, "cluster-name");
    const dataDirectory = this.mounts(etcd.container).get("/var/run/etcd");
    if (dataDirectory === undefined) throw new Error("the mesh etcd has no volume for its data");
    const identity = withFlags(
      [`--name=clustermesh-apiserver`, `--initial-cluster-token=${this.pod.metadata.uid}`],
      peerFlags(address),
    );
    await initialiseEtcd({ machine, address, dataDirectory, identity }, accountsOf(cluster));
  }

  private async refresh(): Promise<Contents> {
    const contents = await readContents(this.host.client, this.pod);
    for (const volume of this.pod.spec.volumes ?? []) {
      if (volume.emptyDir) continue;
      const files = new Map<string, Buffer>();
      for (const [name, content] of volumeFiles(volume, contents)) {
        files.set(name, await this.localConfig(content));
      }
      writeVolume(this.path("volumes", volume.name), files);
    }
    if (this.hasEtcd()) {
      const config = await this.localConfig(Buffer.from(imageConfig.content));
      writeVolume(this.path("image"), new Map([["etcd-config.yaml", config]]));
    }
    this.refreshed = Date.now();
    return contents;
  }

  private async localConfig(content: Buffer): Promise<Buffer> {
    const path = (inContainer: string): string => this.local(inContainer);
    const config = await localEtcdConfig(content.toString("utf8"), path, this.host.route);
    return config === undefined ? content : Buffer.from(config);
  }

  private async place(): Promise<Place> {
    const { address, machine } = this.host;
    return {
      address,
      ...(this.hasEtcd() && { nodePort: await this.host.nodePort() }),
      kubeconfig: this.path("kubeconfig"),
      socketDirectory: relative(machinePath(machine), this.path()),
    };
  }

  private hasEtcd(): boolean {
    return this.containers().some(({ program }) => program === programs["etcd"]);
  }

  private containers(): { container: Container; program: Program }[] {
    return this.pod.spec.containers.flatMap((container) => {
      const program = programs[container.name];
      return program ? [{ container, program }] : [];
    });
  }

  private isDue(program: string): boolean {
    const now = Date.now() / 1000;
    const last = this.starts.get(program);
    if (last && now - last.at < last.wait) return false;
    const soon = last !== undefined && now - last.at < backoff.soon;
    const wait = soon ? Math.min(last.wait * 2, backoff.longest) : backoff.first;
    this.starts.set(program, { at: now, wait });
    if (last) log(this.host.machine, `starts ${program} again`);
    return true;
  }

  private mounts(container: Container): Map<string, string> {
    return new Map(
      (container.volumeMounts ?? []).map(({ name, mountPath }) => [
        mountPath,
        this.path("volumes", name),
      ]),
    );
  }

  private local(text: string): string {
    const all = new Map(this.containers().flatMap(({ container }) => [...this.mounts(container)]));
    return mappedPaths(text, all.set(imageConfig.path, this.path("image", "etcd-config.yaml")));
  }

  private path(...parts: string[]): string {
    return join(machinePath(this.host.machine, "pods", this.pod.metadata.uid), ...parts);
  }
}
