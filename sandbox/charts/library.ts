import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkoutPath, sandboxPath } from "../directory";

/** A directory of a Go module that the sandbox takes charts or definitions from. */
interface Source {
  /** Directory below `sandbox/tools` whose go.mod requires the module. */
  tools: string;
  module: string;
  /** Directory in the module. */
  directory: string;
  /** What it is called here. */
  name: string;
  kind: "charts" | "definitions";
}

const sources: Source[] = [
  {
    tools: "cilium",
    module: "github.com/cilium/cilium",
    directory: "install/kubernetes/cilium",
    name: "cilium",
    kind: "charts",
  },
  {
    tools: "definitions",
    module: "github.com/cert-manager/cert-manager",
    directory: "deploy/crds",
    name: "cert-manager",
    kind: "definitions",
  },
  {
    tools: "definitions",
    module: "github.com/k3s-io/helm-controller",
    directory: "pkg/crds/yaml/generated",
    name: "helm-controller",
    kind: "definitions",
  },
  {
    tools: "definitions",
    module: "github.com/kedacore/keda/v2",
    directory: "config/crd/bases",
    name: "keda",
    kind: "definitions",
  },
  {
    tools: "definitions",
    module: "sigs.k8s.io/gateway-api",
    directory: "config/crd/standard",
    name: "gateway-api",
    kind: "definitions",
  },
];

/**
 * Copies the charts and definitions that lie in Go modules to `.sandbox/charts` and `.sandbox/definitions`, each below
 * its name and version. What is there already is left alone; other versions go.
 *
 * @throws when Go is missing or cannot get a module
 */
export async function installLibrary(): Promise<void> {
  for (const source of sources) {
    const { version, directory } = await locate(source);
    const shelf = sandboxPath(source.kind, source.name);
    const target = join(shelf, version);
    if (existsSync(target)) continue;
    rmSync(shelf, { recursive: true, force: true });
    mkdirSync(shelf, { recursive: true });
    copy(join(await directory(), source.directory), `${target}.new`);
    renameSync(`${target}.new`, target);
  }
}

/** The version of a chart or of definitions that the sandbox has, with its directory; undefined when it has none. */
export function findInLibrary(
  kind: Source["kind"],
  name: string,
): { version: string; path: string } | undefined {
  const shelf = sandboxPath(kind, name);
  const version = existsSync(shelf)
    ? readdirSync(shelf).find((entry) => !entry.endsWith(".new"))
    : undefined;
  return version === undefined ? undefined : { version, path: join(shelf, version) };
}

/** Copies files without their rights: those of Go's module cache may not be changed or deleted. */
function copy(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copy(source, target);
    else writeFileSync(target, readFileSync(source));
  }
}

const execute = promisify(execFile);

async function locate({
  tools,
  module,
}: Source): Promise<{ version: string; directory: () => Promise<string> }> {
  const { Require } = (await go(["mod", "edit", "-json"], tools)) as {
    Require: { Path: string; Version: string }[];
  };
  const version = Require.find(({ Path }) => Path === module)?.Version;
  if (version === undefined)
    throw new Error(`sandbox/tools/${tools}/go.mod does not require ${module}`);
  const directory = async (): Promise<string> => {
    const { Dir } = (await go(["mod", "download", "-json", `${module}@${version}`], tools)) as {
      Dir: string;
    };
    return Dir;
  };
  return { version, directory };
}

async function go(args: string[], tools: string): Promise<unknown> {
  const env = { ...process.env, GOTOOLCHAIN: "local" };
  const { stdout } = await execute("go", args, {
    cwd: checkoutPath("sandbox", "tools", tools),
    env,
  });
  return JSON.parse(stdout);
}
