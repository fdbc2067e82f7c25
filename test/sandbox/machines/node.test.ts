import { expect, test } from "vitest";
import { parseCloudInit } from "../../../sandbox/machines/cloudInit";
import { type K3s, readK3s } from "../../../sandbox/machines/k3s";
import { nodeOf } from "../../../sandbox/machines/node";
import { userData } from "./userData";

const server = {
  id: "42",
  name: "germany-media-1",
  location: "fsn1",
  serverType: "ccx23",
  ipv4Address: "127.0.0.5",
  labels: {},
};

function agent(config: Record<string, unknown>): K3s {
  const base = { server: "https://127.0.0.1:6443", token: "word" };
  const text = userData({ role: "agent", config: { ...base, ...config } });
  const k3s = readK3s(parseCloudInit(text));
  if (!k3s) throw new Error("no k3s found");
  return k3s;
}

test("a node has the hardware of its server type, less what is reserved", () => {
  const args = ["system-reserved=cpu=250m,memory=512Mi", "kube-reserved=memory=1Gi", "max-pods=50"];
  const { status } = nodeOf(server, agent({ "kubelet-arg": args }), true);
  expect(status.capacity).toMatchObject({ cpu: "4", memory: "16384Mi", pods: "50" });
  expect(status.allocatable).toMatchObject({ cpu: "3750m", memory: "14748Mi", pods: "50" });
});

test("a node waits for the cloud controller only when one is to come", () => {
  const k3s = agent({ "node-taint": ["a=b:NoSchedule"] });
  const own = { key: "a", value: "b", effect: "NoSchedule" };
  expect(nodeOf(server, k3s, false).spec.taints).toEqual([own]);
  expect(nodeOf(server, k3s, true).spec.taints).toEqual([
    own,
    { key: "node.cloudprovider.kubernetes.io/uninitialized", value: "true", effect: "NoSchedule" },
  ]);
});

test("a node of Hetzner's ARM machines says so", () => {
  const node = nodeOf({ ...server, serverType: "cax21" }, agent({}), true);
  expect(node.metadata.labels["kubernetes.io/arch"]).toBe("arm64");
  expect(node.status.nodeInfo["architecture"]).toBe("arm64");
});

test("a server type that Hetzner does not have is named", () => {
  expect(() => nodeOf({ ...server, serverType: "ccx99" }, agent({}), true)).toThrow(
    /server type must be one of .*ccx13.*, got "ccx99"/,
  );
});
