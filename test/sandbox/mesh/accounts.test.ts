import { expect, test } from "vitest";
import { accountsOf } from "../../../sandbox/mesh/accounts";
import { requests } from "../../../sandbox/mesh/initialiseEtcd";

const { roles, users } = accountsOf("germany");
const mayRead = (role: string, key: string): boolean =>
  roles[role]?.some(({ start, end }) =>
    end === undefined ? key === start : key >= start && key < end,
  ) ?? false;

test("a peer reads the region's own state, and of other keys only what tells it about this region", () => {
  for (const key of [
    "cilium/.heartbeat",
    "cilium/state/services/v1/germany/media/broadcaster",
    "cilium/cluster-config/germany",
    "cilium/synced/germany/cilium/state/nodes/v1",
  ]) {
    expect([key, mayRead("remote", key)]).toEqual([key, true]);
  }
  for (const key of [
    "cilium/cache/services/v1/us-west/media/broadcaster",
    "cilium/cluster-config/us-west",
    "cilium/cluster-config/germany-2",
    "cilium/synced/us-west/x",
    "cilium/statement",
  ]) {
    expect([key, mayRead("remote", key)]).toEqual([key, false]);
  }
});

test("the region's own agents read what was learnt of the peers, not its state", () => {
  expect(mayRead("local", "cilium/cache/services/v1/us-west/media/broadcaster")).toBe(true);
  expect(mayRead("local", "cilium/cluster-config/us-west")).toBe(true);
  expect(mayRead("local", "cilium/state/services/v1/germany/media/broadcaster")).toBe(false);
});

test("users are named after their certificates, and access control comes last", () => {
  expect(users).toEqual({
    root: "root",
    "admin-germany": "root",
    "local-germany": "local",
    remote: "remote",
  });
  const calls = requests({ roles, users });
  expect(calls.at(-1)).toEqual(["/v3/auth/enable", {}]);
  expect(calls).toContainEqual([
    "/v3/auth/user/add",
    { name: "admin-germany", options: { no_password: true } },
  ]);
  const grant = calls.find(([path]) => path === "/v3/auth/role/grant");
  expect(grant?.[1]).toEqual({
    name: "local",
    perm: {
      permType: "READ",
      key: Buffer.from("cilium/.heartbeat").toString("base64"),
      range_end: Buffer.from("cilium/.heartbeau").toString("base64"),
    },
  });
});
