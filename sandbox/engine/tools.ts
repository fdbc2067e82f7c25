import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkoutPath, sandboxPath } from "../directory";
import { withProgress } from "./progress";

const execute = promisify(execFile);

/** A program that is built from a Go module in `sandbox/tools`. */
interface Tool {
  name: string;
  /** Directory below `sandbox/tools` that its go.mod is in. */
  directory: string;
  /** The module whose version is the program's, as its go.mod requires it. */
  module: string;
  /** The package to build, as `go build` takes it. */
  package: string;
  tags?: string;
  /** Variables of the program that hold its version, which a plain build leaves empty. */
  versionVariables?: string[];
  /** Other names by which the program is started. */
  links?: string[];
}

const engine: Tool = {
  name: "pulumi",
  directory: "pulumi",
  module: "github.com/pulumi/pulumi/pkg/v3",
  package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  tags: "osusergo,grpcnotrace",
  versionVariables: ["github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"],
};

const clusterTools: Tool[] = [
  {
    name: "etcd",
    directory: "etcd",
    module: "go.etcd.io/etcd/server/v3",
    package: "go.etcd.io/etcd/server/v3",
  },
  {
    name: "kwok",
    directory: "kwok",
    module: "sigs.k8s.io/kwok",
    package: "sigs.k8s.io/kwok/cmd/kwok",
  },
  {
    name: "helm",
    directory: "helm",
    module: "helm.sh/helm/v4",
    package: "helm.sh/helm/v4/cmd/helm",
    versionVariables: ["helm.sh/helm/v4/internal/version.version"],
  },
  {
    name: "clustermesh-apiserver",
    directory: "cilium",
    module: "github.com/cilium/cilium",
    package: "github.com/cilium/cilium/clustermesh-apiserver",
  },
  {
    name: "cilium-operator",
    directory: "cilium",
    module: "github.com/cilium/cilium",
    package: "github.com/cilium/cilium/operator",
    // The operator for clusters that hand out pod addresses themselves, as ours do.
    tags: "ipam_provider_operator,osusergo",
  },
  {
    name: "kubernetes",
    directory: "kubernetes",
    module: "k8s.io/kubernetes",
    package: ".",
    versionVariables: [
      "k8s.io/component-base/version.gitVersion",
      "k8s.io/client-go/pkg/version.gitVersion",
    ],
    links: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"],
  },
];

/**
 * Builds what a simulated region runs, and the Pulumi engine unless an installed one will do, into `.sandbox/bin`.
 * What was built from the same sources before is left alone.
 *
 * @throws when Go is missing or a build fails, with the compiler's words
 */
export async function buildTools(options: { engine: boolean }): Promise<void> {
  mkdirSync(sandboxPath("bin"), { recursive: true });
  for (const tool of options.engine ? [engine, ...clusterTools] : clusterTools) {
    const stamp = stampOf(tool);
    if (isBuilt(tool, stamp)) continue;
    await withProgress(`building ${tool.name} ${versionOf(tool)} from its Go module, once`, () =>
      build(tool),
    );
    writeFileSync(stampFile(tool), stamp);
  }
}

/** The exact version that the tool's go.mod requires, for example `v1.36.4`. */
function versionOf(tool: Tool): string {
  const requirements = readFileSync(
    checkoutPath("sandbox", "tools", tool.directory, "go.mod"),
    "utf8",
  );
  const words = requirements.split("\n").map((line) => line.trim().split(/\s+/));
  const line = words.find((parts) => parts.includes(tool.module) && parts.at(-1) !== tool.module);
  const version = line?.[line.indexOf(tool.module) + 1];
  if (!version)
    throw new Error(`sandbox/tools/${tool.directory}/go.mod does not require ${tool.module}`);
  return version;
}

const stampFile = (tool: Tool) => sandboxPath("bin", `${tool.name}.stamp`);

const isBuilt = (tool: Tool, stamp: string) =>
  existsSync(sandboxPath("bin", tool.name)) &&
  existsSync(stampFile(tool)) &&
  readFileSync(stampFile(tool), "utf8") === stamp;

/** A digest of everything that decides what the build makes. */
function stampOf(tool: Tool): string {
  const directory = checkoutPath("sandbox", "tools", tool.directory);
  const hash = createHash("sha256").update(JSON.stringify(tool));
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  for (const path of files.map(({ name, parentPath }) => join(parentPath, name)).toSorted()) {
    hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

async function build(tool: Tool): Promise<void> {
  const target = sandboxPath("bin", tool.name);
  const version = versionOf(tool);
  const linker = [
    "-s",
    "-w",
    ...(tool.versionVariables ?? []).map((name) => `-X ${name}=${version}`),
  ];
  const args = [
    "build",
    "-buildvcs=false",
    "-trimpath",
    `-ldflags=${linker.join(" ")}`,
    "-o",
    `${target}.new`,
  ];
  if (tool.tags) args.push("-tags", tool.tags);
  await go([...args, tool.package], checkoutPath("sandbox", "tools", tool.directory));
  renameSync(`${target}.new`, target);
  for (const link of tool.links ?? []) {
    rmSync(sandboxPath("bin", link), { force: true });
    symlinkSync(tool.name, sandboxPath("bin", link));
  }
}

async function go(args: string[], directory: string): Promise<void> {
  const env = { ...process.env, GOTOOLCHAIN: "local", CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" };
  try {
    await execute("go", args, { cwd: directory, env, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new Error(
        "Go is not installed: the sandbox builds its programs with Go 1.26 or later",
        { cause: error },
      );
    }
    const output =
      error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
    throw new Error(`go ${args[0]} failed in sandbox/tools:\n${output.trim()}`, { cause: error });
  }
}
