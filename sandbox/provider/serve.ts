import * as grpc from "@grpc/grpc-js";
import * as engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { exitWithParent } from "./parent";
import { type Call, withFaults } from "./faults";
import { compareInputs, containsUnknown, isObject } from "./difference";
import {
  type CheckFailure,
  type Difference,
  PartialFailure,
  type Properties,
  type Provider,
  type ResourceContext,
  type ResourceType,
  unknown,
} from "./resourceType";

const maxMessageBytes = 400 * 1024 * 1024;

/**
 * Serves a provider to the engine over gRPC on a loopback port, prints that port, and goes on until the engine ends
 * the process. Secrets arrive unwrapped: the engine strips them and puts them back (`acceptSecrets: false`).
 */
export async function serve(provider: Provider): Promise<void> {
  const session = new Session(provider);
  const call = (action: Call["action"], request: { getUrn(): string }): Call => ({
    provider: provider.name,
    type: typeOf(request.getUrn()).split(":").at(-1) ?? "",
    action,
  });
  const server = new grpc.Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(providerRpc.ResourceProviderService, {
    handshake: unary((request: rpc.ProviderHandshakeRequest) => {
      session.connect(request.getEngineAddress());
      return new rpc.ProviderHandshakeResponse();
    }),
    attach: unary((request: plugin.PluginAttach) => {
      session.connect(request.getAddress());
      return new Empty();
    }),
    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(provider.version)),
    getSchema: unary(() => new rpc.GetSchemaResponse().setSchema("{}")),
    checkConfig: unary((request: rpc.CheckRequest) => {
      const news = toProperties(request.getNews());
      const failures = containsUnknown(news) ? [] : (provider.checkConfig?.(news) ?? []);
      return checkResponse(news, failures);
    }),
    diffConfig: unary((request: rpc.DiffRequest) => {
      const olds = toProperties(request.getOldInputs() ?? request.getOlds());
      const news = toProperties(request.getNews());
      return diffResponse(
        provider.diffConfig?.(olds, news) ?? compareInputs(olds, news, provider.replaceConfigOn),
      );
    }),
    configure: unary((request: rpc.ConfigureRequest) => {
      session.config = toProperties(request.getArgs());
      return new rpc.ConfigureResponse().setSupportspreview(true);
    }),
    invoke: unary(async (request: rpc.InvokeRequest) => {
      const fn = provider.functions?.[request.getTok()];
      if (!fn) throw unimplemented(`function ${request.getTok()}`);
      const answer = await fn(toProperties(request.getArgs()), session.config);
      return new rpc.InvokeResponse().setReturn(toStruct(answer));
    }),
    check: unary(async (request: rpc.CheckRequest) => {
      const type = session.type(request.getUrn());
      const news = toProperties(request.getNews());
      if (!type.check) return checkResponse(news, []);
      const context = session.context(request.getUrn(), false, 0);
      const { inputs, failures } = await type.check(news, toProperties(request.getOlds()), context);
      return checkResponse(inputs, failures);
    }),
    diff: unary(async (request: rpc.DiffRequest) => {
      const type = session.type(request.getUrn());
      const oldInputs = toProperties(request.getOldInputs());
      const news = toProperties(request.getNews());
      const difference = type.diff
        ? await type.diff(request.getId(), oldInputs, toProperties(request.getOlds()), news, {
            ...session.context(request.getUrn(), false, 0),
            ignoreChanges: request.getIgnorechangesList(),
          })
        : compareInputs(oldInputs, news, type.replaceOn);
      return diffResponse({
        deleteBeforeReplace: type.deleteBeforeReplace ?? false,
        ...difference,
      });
    }),
    create: unary(async (request: rpc.CreateRequest) => {
      const type = session.type(request.getUrn());
      const inputs = toProperties(request.getProperties());
      const context = session.context(request.getUrn(), request.getPreview(), request.getTimeout());
      if (request.getPreview()) {
        const outputs = type.previewCreate
          ? await type.previewCreate(inputs, context)
          : { ...unknowns(type.computed), ...inputs };
        return new rpc.CreateResponse().setProperties(toStruct(outputs));
      }
      const { id, outputs } = await withFaults(call("create", request), () =>
        type.create(inputs, context),
      );
      return new rpc.CreateResponse().setId(id).setProperties(toStruct(outputs));
    }),
    read: unary(async (request: rpc.ReadRequest) => {
      const type = session.type(request.getUrn());
      const inputs = toProperties(request.getInputs());
      const outputs = toProperties(request.getProperties());
      const context = session.context(request.getUrn(), false, 0);
      const found = await withFaults(call("read", request), () =>
        type.read
          ? type.read(request.getId(), inputs, outputs, context)
          : { id: request.getId(), inputs, outputs },
      );
      if (!found) return new rpc.ReadResponse();
      return new rpc.ReadResponse()
        .setId(found.id)
        .setInputs(toStruct(found.inputs))
        .setProperties(toStruct(found.outputs));
    }),
    update: unary(async (request: rpc.UpdateRequest) => {
      const type = session.type(request.getUrn());
      const olds = toProperties(request.getOlds());
      const news = toProperties(request.getNews());
      const context = {
        ...session.context(request.getUrn(), request.getPreview(), request.getTimeout()),
        ignoreChanges: request.getIgnorechangesList(),
      };
      if (request.getPreview() && type.previewUpdate) {
        const outputs = await type.previewUpdate(request.getId(), olds, news, context);
        return new rpc.UpdateResponse().setProperties(toStruct(outputs));
      }
      if (request.getPreview()) {
        const kept = (type.computed ?? []).filter((key) => key in olds);
        const outputs = { ...Object.fromEntries(kept.map((key) => [key, olds[key]])), ...news };
        return new rpc.UpdateResponse().setProperties(toStruct(outputs));
      }
      const outputs = await withFaults(call("update", request), () => {
        if (!type.update) throw unimplemented(`update of ${request.getUrn()}`);
        return type.update(request.getId(), olds, news, context);
      });
      return new rpc.UpdateResponse().setProperties(toStruct(outputs));
    }),
    delete: unary(async (request: rpc.DeleteRequest) => {
      const context = session.context(request.getUrn(), false, request.getTimeout());
      const type = session.type(request.getUrn());
      await withFaults(call("delete", request), () =>
        type.delete(request.getId(), toProperties(request.getProperties()), context),
      );
      return new Empty();
    }),
    cancel: unary(() => {
      session.cancelled.abort();
      return new Empty();
    }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  process.stdout.write(`${port}\n`);
  exitWithParent();
}

/** What one engine connection knows: the provider's settings, and the way back to the user's screen. */
class Session {
  config: Properties = {};
  readonly cancelled = new AbortController();
  private readonly provider: Provider;
  private engine: engineRpc.EngineClient | undefined;

  constructor(provider: Provider) {
    this.provider = provider;
    const address = process.argv.at(-1);
    if (address?.includes(":")) this.connect(address);
  }

  connect(address: string): void {
    if (!address) return;
    this.engine = new engineRpc.EngineClient(address, grpc.credentials.createInsecure());
  }

  type(urn: string): ResourceType {
    const token = typeOf(urn);
    const type = this.provider.types[token] ?? this.provider.fallback?.(token);
    if (!type) throw unimplemented(`resource type ${token}`);
    return type;
  }

  context(urn: string, preview: boolean, timeoutSeconds: number): ResourceContext {
    const signals = [this.cancelled.signal];
    if (timeoutSeconds > 0) signals.push(timeout(timeoutSeconds));
    return {
      urn,
      preview,
      config: this.config,
      signal: AbortSignal.any(signals),
      ...(timeoutSeconds > 0 && { timeoutSeconds }),
      log: (severity, message) => {
        const request = new engine.LogRequest()
          .setUrn(urn)
          .setMessage(message)
          .setEphemeral(severity === "info")
          .setSeverity(engine.LogSeverity[severity.toUpperCase() as "INFO" | "WARNING" | "ERROR"]);
        this.engine?.log(request, () => undefined);
      },
    };
  }
}

/** As AbortSignal.timeout, which Node 20 collects as garbage, timer and all, when only AbortSignal.any refers to it. */
function timeout(seconds: number): AbortSignal {
  const controller = new AbortController();
  const passed = new DOMException(`it took longer than ${seconds} s`, "TimeoutError");
  setTimeout(() => controller.abort(passed), seconds * 1000).unref();
  return controller.signal;
}

type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

function unary<Request, Response>(handler: Handler<Request, Response>) {
  return async (
    call: grpc.ServerUnaryCall<Request, Response>,
    done: grpc.sendUnaryData<Response>,
  ): Promise<void> => {
    try {
      done(null, await handler(call.request));
    } catch (error) {
      done(toStatus(error));
    }
  };
}

function toStatus(error: unknown): Partial<grpc.StatusObject> {
  if (error instanceof PartialFailure) return initFailed(error);
  if (error instanceof Error && "code" in error && typeof error.code === "number") {
    return { code: error.code, details: error.message };
  }
  return {
    code: grpc.status.UNKNOWN,
    details: error instanceof Error ? error.message : String(error),
  };
}

/** The engine keeps the object of such an error in state and tries again on the next update. */
function initFailed(error: PartialFailure): Partial<grpc.StatusObject> {
  const detail = new rpc.ErrorResourceInitFailed()
    .setId(error.state.id)
    .setInputs(toStruct(error.state.inputs))
    .setProperties(toStruct(error.state.outputs))
    .setReasonsList(error.reasons);
  return {
    code: grpc.status.UNKNOWN,
    details: error.message,
    metadata: statusDetails(error.message, detail),
  };
}

function statusDetails(message: string, detail: rpc.ErrorResourceInitFailed): grpc.Metadata {
  const status = new Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(message);
  const any = new Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  status.addDetails(any);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return metadata;
}

const unimplemented = (what: string) =>
  Object.assign(new Error(`the sandbox does not simulate ${what}`), {
    code: grpc.status.UNIMPLEMENTED,
  });

/** The type token inside a URN: `urn:pulumi:stack::project::parent$type::name`. */
const typeOf = (urn: string) => urn.split("::")[2]?.split("$").at(-1) ?? "";

const unknowns = (keys: readonly string[] = []) =>
  Object.fromEntries(keys.map((key) => [key, unknown]));

/** Marks a wrapped value on the wire, together with {@link secretMark}. */
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

const toProperties = (struct: Struct | undefined) =>
  unwrapSecrets(struct?.toJavaScript() ?? {}) as Properties;

/** A provider's own settings come with their secrets wrapped, because they arrive before it can say what it accepts. */
function unwrapSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapSecrets);
  if (!isObject(value)) return value;
  if (value[signature] === secretMark) return unwrapSecrets(value["value"]);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, unwrapSecrets(inner)]),
  );
}

/** Drops absent values, which the wire format does not know. */
const toStruct = (properties: Properties) =>
  Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)));

function checkResponse(inputs: Properties, failures: CheckFailure[]): rpc.CheckResponse {
  return new rpc.CheckResponse()
    .setInputs(toStruct(inputs))
    .setFailuresList(
      failures.map(({ property, reason }) =>
        new rpc.CheckFailure().setProperty(property).setReason(reason),
      ),
    );
}

function diffResponse({ changes, deleteBeforeReplace }: Difference): rpc.DiffResponse {
  const response = new rpc.DiffResponse();
  const paths = Object.keys(changes);
  response.setChanges(
    paths.length > 0
      ? rpc.DiffResponse.DiffChanges.DIFF_SOME
      : rpc.DiffResponse.DiffChanges.DIFF_NONE,
  );
  response.setHasdetaileddiff(true);
  for (const path of paths) {
    const { kind, replace } = changes[path]!;
    const name =
      `${kind.toUpperCase()}${replace ? "_REPLACE" : ""}` as keyof typeof rpc.PropertyDiff.Kind;
    const entry = new rpc.PropertyDiff().setKind(rpc.PropertyDiff.Kind[name]).setInputdiff(true);
    response.getDetaileddiffMap().set(path, entry);
  }
  response.setDiffsList([...new Set(paths.map(topLevelKey))]);
  response.setReplacesList([
    ...new Set(paths.filter((path) => changes[path]!.replace).map(topLevelKey)),
  ]);
  response.setDeletebeforereplace(deleteBeforeReplace ?? false);
  return response;
}

const topLevelKey = (path: string) => path.split(/[.[]/)[0] ?? path;
