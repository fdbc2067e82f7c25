import { expect, test } from "vitest";
import { mappedPaths, type Place, programs, withFlags } from "../../../sandbox/mesh/programs";

const place: Place = {
  address: "127.101.0.1",
  nodePort: 32_379,
  kubeconfig: "/pod/kubeconfig",
  socketDirectory: "pods/x",
};

test("flags are replaced by name, and those that only begin alike stay", () => {
  const args = ["clustermesh", "--cluster-id=1", "--cluster=x", "--health-port=9880", "--debug"];
  expect(withFlags(args, { "cluster-id": "2", "health-port": "20010" })).toEqual([
    "clustermesh",
    "--cluster=x",
    "--debug",
    "--cluster-id=2",
    "--health-port=20010",
  ]);
});

test("a flag that may be given often is kept as often", () => {
  const options = ["--kvstore-opt=etcd.qps=20", "--kvstore-opt=etcd.config=/x"];
  expect(withFlags(options, { "health-port": "1" })).toEqual([...options, "--health-port=1"]);
});

test("no program claims a port on all addresses, so that two sandboxes can live side by side", () => {
  const ports = ["apiserver", "kvstoremesh"].map(
    (name) => programs[name]?.flags(place)["health-port"],
  );
  expect(ports).toEqual(["0", "0"]);
});

test("programs of a region share its address without sharing a port", () => {
  const listeners = Object.values(programs).flatMap(({ flags }) =>
    Object.entries(flags(place)).flatMap(([name, value]) =>
      /^(listen|.*serve-addr$)/.test(name) ? [value.replace(/^https?:\/\//, "")] : [],
    ),
  );
  expect(listeners).toContain("127.101.0.1:32379");
  expect(new Set(listeners).size).toBe(listeners.length);
});

test("a mount's path is replaced as a whole, the longest first", () => {
  const mounts = new Map([
    ["/var/lib/cilium/clustermesh/", "/pod/mesh"],
    ["/var/lib/cilium/etcd-config.yaml", "/pod/image/etcd-config.yaml"],
    ["/var/lib/cilium/etcd-config", "/pod/users"],
  ]);
  const mapped = (text: string): string => mappedPaths(text, mounts);
  expect(mapped("--clustermesh-config=/var/lib/cilium/clustermesh")).toBe(
    "--clustermesh-config=/pod/mesh",
  );
  expect(mapped("/var/lib/cilium/clustermesh/x.crt")).toBe("/pod/mesh/x.crt");
  expect(mapped("--kvstore-opt=etcd.config=/var/lib/cilium/etcd-config.yaml")).toBe(
    "--kvstore-opt=etcd.config=/pod/image/etcd-config.yaml",
  );
  expect(mapped("--users=/var/lib/cilium/etcd-config/users.yaml")).toBe(
    "--users=/pod/users/users.yaml",
  );
  expect(mapped("/var/lib/cilium/clustermesh-other")).toBe("/var/lib/cilium/clustermesh-other");
  expect(mapped("/host/var/lib/cilium/clustermesh")).toBe("/host/var/lib/cilium/clustermesh");
});
