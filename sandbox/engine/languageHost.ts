import { type ChildProcess, spawn } from "node:child_process";
import * as grpc from "@grpc/grpc-js";
import * as languageRpc from "@pulumi/pulumi/proto/language_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/language_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { checkoutPath } from "../directory";
import { exitWithParent } from "../provider/parent";

/** The program ended with a message that the user has already read. */
const explained = 32;

const running = new Set<ChildProcess>();

/** A script of the SDK, for example `cmd/run`. */
const sdkScript = (name: string) => checkoutPath("node_modules", "@pulumi", "pulumi", "cmd", name);

function runProgram(request: rpc.RunRequest): Promise<rpc.RunResponse> {
  const info = request.getInfo();
  const args = [
    sdkScript("run"),
    `--monitor=${request.getMonitorAddress()}`,
    `--engine=${engineAddress}`,
    `--organization=${request.getOrganization()}`,
    `--project=${request.getProject()}`,
    `--root-directory=${info?.getRootDirectory() ?? request.getPwd()}`,
    `--stack=${request.getStack()}`,
    `--pwd=${request.getPwd()}`,
    ...(request.getDryrun() ? ["--dry-run"] : []),
    `--parallel=${request.getParallel()}`,
    info?.getEntryPoint() ?? ".",
    ...request.getArgsList(),
  ];
  const env = {
    ...process.env,
    PULUMI_NODEJS_TYPESCRIPT: "true",
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().getEntryList())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: request.getPwd(),
      env,
      stdio: ["ignore", "inherit", "inherit"],
    });
    running.add(child);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      running.delete(child);
      const response = new rpc.RunResponse();
      if (code === explained) response.setBail(true);
      else if (code !== 0)
        response.setError(`the program ended with ${signal ?? `exit code ${code}`}`);
      resolve(response);
    });
  });
}

/** Policy packs come as plugins of the kind "analyzer", which find their name and version in the working directory. */
function runPlugin(
  call: grpc.ServerWritableStream<rpc.RunPluginRequest, rpc.RunPluginResponse>,
): void {
  const request = call.request;
  const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const script = request.getKind() === "analyzer" ? [sdkScript("run-policy-pack")] : [];
  const [address = "", ...rest] = request.getArgsList();
  const args =
    script.length > 0
      ? [...script, address, directory, ...rest.slice(1)]
      : [directory, address, ...rest];
  const env = { ...process.env, ...environmentOf(request.getEnvList()) };
  const child = spawn(process.execPath, args, { cwd: directory, env });
  running.add(child);
  child.stdout.on("data", (data: Buffer) =>
    call.write(new rpc.RunPluginResponse().setStdout(data)),
  );
  child.stderr.on("data", (data: Buffer) =>
    call.write(new rpc.RunPluginResponse().setStderr(data)),
  );
  child.once("error", (error) => call.emit("error", error));
  child.once("close", (code) => {
    running.delete(child);
    call.write(new rpc.RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  });
  call.once("cancelled", () => child.kill());
}

const environmentOf = (lines: string[]) =>
  Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

function answer<Request, Response>(handler: (request: Request) => Response | Promise<Response>) {
  return (
    call: grpc.ServerUnaryCall<Request, Response>,
    done: grpc.sendUnaryData<Response>,
  ): void => {
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (response) => done(null, response),
        (error: unknown) => done({ code: grpc.status.UNKNOWN, details: String(error) }),
      );
  };
}

let engineAddress = process.argv.at(-1) ?? "";

/**
 * What the Pulumi engine starts to run a Node.js program, for machines where the engine was built from source and so
 * came without its own. Dependencies are those of the checkout; nothing is installed or generated here.
 */
const service = {
  handshake: answer((request: rpc.LanguageHandshakeRequest) => {
    engineAddress = request.getEngineAddress();
    return new rpc.LanguageHandshakeResponse();
  }),
  getRequiredPlugins: answer(() => new rpc.GetRequiredPluginsResponse()),
  getRequiredPackages: answer(() => new rpc.GetRequiredPackagesResponse()),
  run: answer(runProgram),
  getPluginInfo: answer(() => new plugin.PluginInfo().setVersion("0.1.0")),
  installDependencies: (
    call: grpc.ServerWritableStream<
      rpc.InstallDependenciesRequest,
      rpc.InstallDependenciesResponse
    >,
  ) => call.end(),
  runtimeOptionsPrompts: answer(() => new rpc.RuntimeOptionsResponse()),
  about: answer(() =>
    new rpc.AboutResponse().setExecutable(process.execPath).setVersion(process.version),
  ),
  getProgramDependencies: answer(() => new rpc.GetProgramDependenciesResponse()),
  runPlugin,
  cancel: answer(() => {
    for (const child of running) child.kill();
    return new Empty();
  }),
};

const server = new grpc.Server();
server.addService(languageRpc.LanguageRuntimeService, service);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
  exitWithParent();
});
