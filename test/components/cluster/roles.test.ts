import { expect, it } from "vitest";
import { roleOf } from "../../../components/cluster/roles";
import { regionNodes } from "../../../components/machines/nodes";

const type = "ccx13";
const three = regionNodes("germany", {
  edge: { type, count: 1 },
  "control-plane": { type, count: 3 },
});
const one = regionNodes("germany", {
  "control-plane": { type, count: 1 },
  edge: { type, count: 1 },
});

const first = "germany-control-plane-1";
const second = "germany-control-plane-2";
const third = "germany-control-plane-3";
const edge = "germany-edge-1";

it.each([
  ["the first server founds", three, first, [], { kind: "founding" }],
  ["the only server founds", one, first, [], { kind: "founding" }],
  ["a further server joins the first", three, second, [], { kind: "joining", through: first }],
  ["the last server joins the first", three, third, [], { kind: "joining", through: first }],
  ["an agent joins the first", three, edge, [], { kind: "agent", through: first }],
  [
    "the first server joins the second when it is replaced",
    three,
    first,
    [first],
    { kind: "joining", through: second },
  ],
  [
    "an agent replaced along with the first server joins the second",
    three,
    edge,
    [first, edge],
    { kind: "agent", through: second },
  ],
  [
    "a further server that is replaced joins the first",
    three,
    second,
    [second],
    { kind: "joining", through: first },
  ],
] as const)("%s", (_, nodes, name, replace, role) => {
  const node = nodes.find((each) => each.name === name);
  expect(node && roleOf(node, nodes, replace)).toEqual(role);
});

it("names the node that has nobody to join", () => {
  const nodes = regionNodes("germany", { edge: { type, count: 1 } });
  expect(() => nodes.map((node) => roleOf(node, nodes, []))).toThrow(
    "germany-edge-1 has no control-plane node to join",
  );
});
