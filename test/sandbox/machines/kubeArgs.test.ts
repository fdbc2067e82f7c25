import { expect, test } from "vitest";
import { kubeArgs } from "../../../sandbox/machines/kubeArgs";

const own = { "enable-admission-plugins": "NodeRestriction", profiling: "false" };

test.each([
  ["nothing", [], ["--enable-admission-plugins=NodeRestriction", "--profiling=false"]],
  [
    "a flag in the place of k3s' own",
    ["enable-admission-plugins=NodeRestriction,EventRateLimit"],
    ["--enable-admission-plugins=NodeRestriction,EventRateLimit", "--profiling=false"],
  ],
  [
    "a flag after k3s' own",
    ["enable-admission-plugins+=EventRateLimit"],
    ["--enable-admission-plugins=NodeRestriction,EventRateLimit", "--profiling=false"],
  ],
  [
    "a flag before k3s' own",
    ["enable-admission-plugins-=EventRateLimit"],
    ["--enable-admission-plugins=EventRateLimit,NodeRestriction", "--profiling=false"],
  ],
  [
    "a flag twice, with dashes and with = in its value",
    ["--feature-gates=A=true", "feature-gates=B=true", "profiling"],
    [
      "--enable-admission-plugins=NodeRestriction",
      "--profiling=true",
      "--feature-gates=A=true",
      "--feature-gates=B=true",
    ],
  ],
])("a user may give %s", (_, extra, args) => {
  expect(kubeArgs(own, extra)).toEqual(args);
});
