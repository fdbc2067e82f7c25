import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandsOf, type KubectlPod, localFiles } from "../../../sandbox/charts/kubectlPods";

const sandbox = mkdtempSync(join(tmpdir(), "meridian-kubectl-"));

beforeAll(() => {
  process.env["MERIDIAN_SANDBOX"] = sandbox;
  mkdirSync(join(sandbox, "charts/cilium/v1.20.2"), { recursive: true });
  mkdirSync(join(sandbox, "definitions/gateway-api/v1.6.1"), { recursive: true });
});
afterAll(() => rmSync(sandbox, { recursive: true, force: true }));

/** The pod of a gate as the program makes it: all commands but the last are init containers. */
function gate(chart: string): KubectlPod {
  const job = `job/helm-install-${chart}`;
  const commands = [
    ["wait", "--for=create", job, "--namespace=kube-system"],
    ["wait", "--for=condition=Complete", job, "--namespace=kube-system"],
    ["wait", "--for=condition=Established", "customresourcedefinition/things.example.com"],
    ["rollout", "status", "deployment/operator", "--namespace=system"],
  ];
  const all = commands.map((args) => ({ image: "kubectl", args }));
  return {
    metadata: { name: "gate", namespace: "kube-system", uid: "1" },
    spec: { initContainers: all.slice(0, -1), containers: all.slice(-1) },
  };
}

test("all commands of a gate are run for a chart that is installed here", () => {
  const { run, leftOut } = commandsOf(gate("cilium"));
  expect(leftOut).toEqual([]);
  expect(run.at(-1)?.slice(0, 3)).toEqual(["rollout", "status", "deployment/operator"]);
});

test("of a chart with definitions only, the workloads are not waited for, but all the rest is", () => {
  const { run, leftOut } = commandsOf(gate("cert-manager"));
  expect(leftOut.map(([verb]) => verb)).toEqual(["rollout"]);
  expect(run).toHaveLength(3);
});

test("upstream's files are taken from the library, and what it does not have is not fetched", () => {
  const folder =
    "https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/abc/config/crd/standard";
  expect(localFiles(["apply", "--server-side", `--filename=${folder}/x.yaml`])).toEqual([
    "apply",
    "--server-side",
    `--filename=${join(sandbox, "definitions/gateway-api/v1.6.1/x.yaml")}`,
  ]);
  expect(() => localFiles([`--filename=https://example.com/a/b/c.yaml`])).toThrow(
    "the sandbox does not have https://example.com/a/b/c.yaml",
  );
});
