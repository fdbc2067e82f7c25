import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { runInThisContext } from "node:vm";
import type * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { ApiReadiness } from "../../../components/cluster/apiReadiness";
import type { Pair } from "../../../components/cluster/cloudInit";
import { only, registered } from "../registered";
import { selfSigned } from "./roots";

type Provider = Required<pulumi.dynamic.ResourceProvider>;

let ca: Pair;
let provider: Provider;
let recorded: Record<string, unknown>;
let server: Server | undefined;

beforeAll(async () => {
  ca = await selfSigned("127.0.0.1", { ipAddresses: ["127.0.0.1"] });
  const resources = await registered(
    () => new ApiReadiness("ready", { ...inputs("https://127.0.0.1:1") }),
  );
  recorded = only(resources, "pulumi-nodejs:dynamic/meridian:ApiReadiness ready").inputs;
  // What Pulumi's provider process does with the stored text, in which no import of ours exists.
  const module: { exports: { handler?: () => Provider } } = { exports: {} };
  const load = runInThisContext(`(exports, require) => {${String(recorded["__provider"])}\n}`);
  load(module.exports, () => {
    throw new Error("the stored provider needs a module");
  });
  provider = module.exports.handler?.() as Provider;
});

afterEach(() => {
  server?.close();
  server = undefined;
});

const inputs = (endpoint: string) => ({
  endpoint,
  serverId: "1",
  serverCaPem: ca.certificatePem,
  certificatePem: ca.certificatePem,
  privateKeyPem: ca.privateKeyPem,
  timeoutSeconds: 3,
});

/** An API server that answers one status after another, the last one for ever, to clients of its own CA only. */
async function answering(...statuses: number[]): Promise<{ endpoint: string; paths: string[] }> {
  const paths: string[] = [];
  const options = {
    key: ca.privateKeyPem,
    cert: ca.certificatePem,
    ca: ca.certificatePem,
    requestCert: true,
    rejectUnauthorized: true,
  };
  const listening = createServer(options, (request, response) => {
    paths.push(request.url ?? "");
    response.statusCode = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 500;
    response.end();
  });
  server = listening;
  await new Promise<void>((resolve) => {
    listening.listen(0, "127.0.0.1", resolve);
  });
  const { port } = listening.address() as AddressInfo;
  return { endpoint: `https://127.0.0.1:${port}`, paths };
}

describe("the stored provider", () => {
  it("asks /readyz until it answers 200", async () => {
    const { endpoint, paths } = await answering(500, 200);
    const result = await provider.create(inputs(endpoint));
    expect(result.id).toBe(endpoint);
    expect(paths).toEqual(["/readyz", "/readyz"]);
  });

  it("keeps nothing but the URL and a hash", async () => {
    const { endpoint } = await answering(200);
    const { outs } = await provider.create(inputs(endpoint));
    expect(outs).toEqual({ endpoint, fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/u) });
  });

  it("says which server did not get ready, for how long it waited and what it heard last", async () => {
    const { endpoint } = await answering(503);
    await expect(provider.create({ ...inputs(endpoint), timeoutSeconds: 0 })).rejects.toThrow(
      `the API server ${endpoint} was not ready after 0 seconds: it answered 503`,
    );
  });

  it("does not believe a server of another CA", async () => {
    const { endpoint } = await answering(200);
    const other = await selfSigned("other", { ipAddresses: ["127.0.0.1"] });
    const asked = { ...inputs(endpoint), serverCaPem: other.certificatePem, timeoutSeconds: 0 };
    await expect(provider.create(asked)).rejects.toThrow(
      /was not ready after 0 seconds: .*certificate/u,
    );
  });

  it.each([
    ["nothing", {}, false],
    ["another machine behind the URL", { serverId: "2" }, true],
    ["another URL", { endpoint: "https://192.0.2.9:6443" }, true],
    ["a renewed certificate", { certificatePem: "renewed" }, true],
    ["another timeout", { timeoutSeconds: 9 }, false],
  ])("asks again after a change of %s: never by a replacement", async (_, change, changes) => {
    const { endpoint } = await answering(200);
    const { outs } = await provider.create(inputs(endpoint));
    const next = { ...inputs(endpoint), ...change };
    await expect(provider.diff(endpoint, outs, next)).resolves.toEqual({ changes, replaces: [] });
  });
});

it("hides the private key from state", () => {
  expect(recorded["privateKeyPem"]).toBe("[secret]");
});
