import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sandboxPath } from "../../../sandbox/directory";
import { unknown } from "../../../sandbox/provider/resourceType";
import { useTemporarySandbox } from "../clouds/engine";

useTemporarySandbox();

const urn = "urn:pulumi:germany::meridian::hcloud:index/primaryIp:PrimaryIp::address";
const inputs = { name: "address", type: "ipv4", location: "hil", autoDelete: false };

let provider: ChildProcess;
let client: ResourceProviderClient;

beforeEach(async () => {
  const main = require.resolve("../../../sandbox/provider/main.ts");
  provider = spawn(process.execPath, ["--import", "tsx", main, "hcloud"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(provider.stdout!, "data")) as [Buffer];
  const address = `127.0.0.1:${port.toString().trim()}`;
  client = new ResourceProviderClient(address, grpc.credentials.createInsecure());
});

afterEach(() => {
  client.close();
  provider.kill();
});

const struct = (properties: Record<string, JavaScriptValue>) => Struct.fromJavaScript(properties);

const create = (preview: boolean) =>
  new Promise<rpc.CreateResponse>((resolve, reject) => {
    const request = new rpc.CreateRequest()
      .setUrn(urn)
      .setProperties(struct(inputs))
      .setPreview(preview);
    client.create(request, (error, response) => (error ? reject(error) : resolve(response)));
  });

test("a preview makes nothing and leaves unknown what only the cloud can tell", async () => {
  const response = await create(true);
  expect(response.getId()).toBe("");
  expect(response.getProperties()!.toJavaScript()).toMatchObject({ ...inputs, ipAddress: unknown });
  const made = await create(false);
  expect(made.getId()).toMatch(/^\d{8}$/);
  expect(made.getProperties()!.toJavaScript()).toMatchObject({ ipAddress: "127.102.0.1" });
});

test("the settings are checked", async () => {
  const request = new rpc.CheckRequest().setNews(struct({ token: "short" }));
  const response = await new Promise<rpc.CheckResponse>((resolve, reject) => {
    client.checkConfig(request, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
  expect(response.getFailuresList().map((failure) => failure.getProperty())).toEqual(["token"]);
});

test("a planned fault meets a creation, not its preview", async () => {
  const fault = { provider: "hcloud", type: "PrimaryIp", action: "create", fault: "503" };
  writeFileSync(sandboxPath("faults.json"), JSON.stringify([fault]));
  await create(true);
  await expect(create(false)).rejects.toThrow("server responded with status code 503");
  expect((await create(false)).getId()).not.toBe("");
});
