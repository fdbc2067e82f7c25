import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { certManagerValues } from "../../../components/cluster/certManager";
import { gatewayApiFiles } from "../../../components/cluster/gatewayApi";
import { charts, versions } from "../../../versions";
import { type ControlPlane, startControlPlane } from "../../support/controlPlane";
import type { RenderedResource } from "../../support/monitor";
import { registered } from "../registered";
import { newPlatform } from "./platformFixture";
import { moduleDirectory, objectsIn, renderText, unknownKeys } from "./realChart";

/** The Helm controller of the pinned k3s (its go.mod). */
const helmController = "v0.17.7";

let plane: ControlPlane;
let directory: string;
let resources: RenderedResource[];
let gatewayApi: string;
let certManager: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "platform-"));
  plane = await startControlPlane("127.94.0.1");
  writeFileSync(join(directory, "kubeconfig"), plane.kubeconfig);
  resources = [...(await registered(() => newPlatform())).values()];
  gatewayApi = join(
    moduleDirectory("sigs.k8s.io/gateway-api", versions.gatewayApi.version),
    "config/crd/standard",
  );
  certManager = join(
    moduleDirectory("github.com/cert-manager/cert-manager", charts.certManager.version),
    "deploy/charts/cert-manager",
  );
  // What the other programs bring along: k3s its Helm controller's definitions, Cilium and cert-manager their own.
  const cilium = moduleDirectory("github.com/cilium/cilium", `v${versions.cilium.version}`);
  const helm = moduleDirectory("github.com/k3s-io/helm-controller", helmController);
  apply(
    ...yamlBelow(join(cilium, "pkg/k8s/apis/cilium.io/client/crds/v2")),
    ...yamlBelow(join(helm, "pkg/crds/yaml/generated")),
  );
});

afterAll(async () => {
  await plane.stop();
  rmSync(directory, { recursive: true });
});

const yamlBelow = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => join(folder, name));

function kubectl(args: string[], input = ""): SpawnSyncReturns<string> {
  const path = resolve(".sandbox", "bin", "kubectl");
  const options = ["--kubeconfig", join(directory, "kubeconfig")];
  return spawnSync(path, [...options, ...args], { input, encoding: "utf8" });
}

function succeed(result: SpawnSyncReturns<string>): string {
  expect(result.status === 0 ? "" : result.stderr).toBe("");
  return result.stdout;
}

const apply = (...files: string[]) =>
  succeed(kubectl(["apply", "--server-side", ...files.flatMap((file) => ["-f", file])]));

const applyObject = (object: unknown) =>
  kubectl(
    ["apply", "--server-side", "--force-conflicts", "--validate=strict", "-f", "-"],
    JSON.stringify(object),
  );

const objectsOf = (...types: string[]) =>
  resources
    .filter(({ type }) => types.some((each) => type.startsWith(`kubernetes:${each}`)))
    .map(({ revealedInputs }) => revealedInputs);

interface Job {
  metadata: { name: string };
  spec: {
    template: {
      spec: { serviceAccountName: string } & Record<"initContainers" | "containers", Container[]>;
    };
  };
}

interface Container {
  name: string;
  args: string[];
}

interface Run {
  /** What becomes of each argument. */
  edit?: (argument: string) => string;
  /** How long a command may wait. */
  seconds?: number;
  /** How many of the commands are run, from the first. */
  commands?: number;
}

/** Runs a Job's commands as the account that the Job has. */
function runJob(name: string, { edit = (argument) => argument, seconds = 20, commands }: Run = {}) {
  const job = (objectsOf("batch/v1:Job") as unknown as Job[]).find(
    (each) => each.metadata.name === name,
  )!;
  const { serviceAccountName, initContainers, containers } = job.spec.template.spec;
  return [...initContainers, ...containers].slice(0, commands).map(({ name: command, args }) => ({
    command,
    result: kubectl([
      ...args.map((each) => edit(each).replace(/^--timeout=.*/u, `--timeout=${seconds}s`)),
      `--as=system:serviceaccount:kube-system:${serviceAccountName}`,
    ]),
  }));
}

const failures = (runs: ReturnType<typeof runJob>) =>
  runs
    .filter(({ result }) => result.status !== 0)
    .map(({ command, result }) => [command, result.stderr]);

describe("the Gateway API's Job", () => {
  it("names exactly upstream's files at the pinned version", () => {
    expect(
      gatewayApiFiles()
        .map((url) => basename(url))
        .toSorted(),
    ).toEqual(readdirSync(gatewayApi).toSorted());
  });

  it("has the rights to apply them, twice, and to wait for them", () => {
    for (const account of objectsOf("core/v1:Namespace", "core/v1:ServiceAccount", "rbac")) {
      succeed(applyObject(account));
    }
    const edit = (argument: string) =>
      argument.replace(/^--filename=.*\//u, `--filename=${gatewayApi}/`);
    const name = `gateway-api-${versions.gatewayApi.version.replaceAll(".", "-")}`;
    expect(failures(runJob(name, { edit }))).toEqual([]);
    expect(failures(runJob(name, { edit }))).toEqual([]);
    const made = succeed(
      kubectl(["get", "crd", "gateways.gateway.networking.k8s.io", "-o", "json"]),
    );
    expect(
      (JSON.parse(made) as { metadata: { annotations: Record<string, string> } }).metadata
        .annotations["gateway.networking.k8s.io/bundle-version"],
    ).toBe(versions.gatewayApi.version);
  });

  it("has no right to make anything else", () => {
    const account = `--as=system:serviceaccount:kube-system:gateway-api-${versions.gatewayApi.version.replaceAll(".", "-")}`;
    for (const what of ["secrets", "crd/certificates.cert-manager.io", "pods"]) {
      expect(kubectl(["auth", "can-i", "create", what, account]).stdout.trim()).toBe("no");
    }
  });
});

describe("the chart of cert-manager", () => {
  const render = () =>
    renderText(certManager, charts.certManager.chart, "cert-manager", certManagerValues);

  it("knows every value that it is given, and its schema takes them", () => {
    expect(unknownKeys(certManager, certManagerValues)).toEqual([]);
    const names = objectsIn(render())
      .filter(({ kind }) => kind === "Deployment")
      .map(({ metadata }) => metadata.name);
    expect(names.toSorted()).toEqual([
      "cert-manager",
      "cert-manager-cainjector",
      "cert-manager-webhook",
    ]);
  });

  it("brings the definitions that the issuer and the certificate need", () => {
    const definitions = objectsIn(render()).filter(
      ({ kind }) => kind === "CustomResourceDefinition",
    );
    expect(definitions.map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining(["certificates.cert-manager.io", "clusterissuers.cert-manager.io"]),
    );
    for (const definition of definitions) succeed(applyObject(definition));
  });
});

describe("a real API server", () => {
  it("takes every object of the platform, with no field that it does not know", () => {
    const objects = objectsOf("");
    expect(objects.length).toBeGreaterThan(40);
    const refused = objects
      .map((object) => ({ object, result: applyObject(object) }))
      .filter(({ result }) => result.status !== 0)
      .map(({ object, result }) => [object["kind"], object["metadata"], result.stderr]);
    expect(refused).toEqual([]);
  });

  it("refuses a misspelt field in the policy that guards the metadata", () => {
    const [policy] = objectsOf("cilium.io/v2:CiliumClusterwideNetworkPolicy");
    const text = JSON.stringify(policy).replaceAll("egressDeny", "egressDenied");
    expect(applyObject(JSON.parse(text)).stderr).toContain(
      ".egressDenied: field not declared in schema",
    );
  });
});

describe("a readiness gate", () => {
  const pod = (app: string) => ({
    metadata: { labels: { app } },
    spec: {
      restartPolicy: "Never",
      containers: [{ name: "main", image: "registry.example.com/thing:v1" }],
    },
  });
  const installation = (name: string) => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: `helm-install-${name}`, namespace: "kube-system" },
    spec: { template: pod(name) },
  });
  const workload = (kind: string, namespace: string, name: string) => ({
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        ...pod(name),
        spec: { ...pod(name).spec, restartPolicy: "Always" },
      },
    },
  });
  const gate = "ready-cert-manager-v1-21-1";

  it("stays closed as long as nothing is installed", () => {
    const [first] = runJob(gate, { seconds: 1, commands: 1 });
    expect(first).toMatchObject({ command: "installation-begun", result: { status: 1 } });
    expect(first?.result.stderr).toContain("timed out");
  });

  it("opens when Helm has ended and the workloads run, with the rights of its own account", () => {
    succeed(applyObject(installation("cert-manager")));
    for (const name of ["cert-manager", "cert-manager-cainjector", "cert-manager-webhook"]) {
      succeed(applyObject(workload("Deployment", "cert-manager", name)));
    }
    expect(failures(runJob(gate))).toEqual([]);
  });

  it("of Cilium opens for a DaemonSet and definitions as well", () => {
    succeed(applyObject(installation("cilium")));
    succeed(applyObject(workload("DaemonSet", "kube-system", "cilium")));
    succeed(applyObject(workload("Deployment", "kube-system", "cilium-operator")));
    const name = `ready-cilium-${versions.cilium.version.replaceAll(".", "-")}`;
    expect(failures(runJob(name))).toEqual([]);
  });

  it("cannot look at a workload that is not its own", () => {
    const account = `--as=system:serviceaccount:kube-system:${gate}`;
    const other = kubectl(["get", "deployment", "cilium-operator", "-n", "kube-system", account]);
    expect(other.stderr).toContain("forbidden");
  });
});
