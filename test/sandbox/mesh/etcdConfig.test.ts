import { expect, test } from "vitest";
import { parse } from "yaml";
import { localEtcdConfig } from "../../../sandbox/mesh/etcdConfig";

const path = (inContainer: string): string => `/pod${inContainer}`;
const route = async (host: string, port: number) => ({
  address: "127.0.0.9",
  port: host.length + port,
});

test("a name stays for the check of the certificate and gets its address by an alias", async () => {
  const text = `endpoints:\n- https://us-west.mesh.live.example.com:32379\ntrusted-ca-file: /ca.crt\nkey-file: /k\ncert-file: /c\n`;
  expect(parse((await localEtcdConfig(text, path, route)) ?? "")).toEqual({
    endpoints: ["https://us-west.mesh.live.example.com:32408"],
    "trusted-ca-file": "/pod/ca.crt",
    "key-file": "/pod/k",
    "cert-file": "/pod/c",
    "cilium-host-aliases": [{ hostname: "us-west.mesh.live.example.com", ips: ["127.0.0.9"] }],
  });
});

test("an address is replaced by the one that it leads to", async () => {
  const text = "endpoints: ['https://127.0.0.1']\n";
  expect(parse((await localEtcdConfig(text, path, route)) ?? "")).toEqual({
    endpoints: ["https://127.0.0.9:2388"],
  });
});

test.each([
  "-----BEGIN CERTIFICATE-----\n",
  "users:\n- name: remote-us-west\n",
  "text endpoints: x",
])("%j is no configuration of a client", async (text) => {
  expect(await localEtcdConfig(text, path, route)).toBeUndefined();
});
