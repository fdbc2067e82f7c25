import { readFileSync } from "node:fs";
import * as semver from "semver";
import { describe, expect, it } from "vitest";
import { charts, checkVersions, compatibility, containers, images, versions } from "../versions";

describe("the pins", () => {
  it.each(Object.entries(versions))("%s is an exact version", (_, { name, version }) => {
    expect(semver.valid(version)).not.toBeNull();
    expect(name).toMatch(/^[\w-]+\/[\w-]+$/);
  });

  it("include the checksum of the binary that machines download", () => {
    expect(versions.k3s.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(versions.k3s.version).toMatch(/^v\d+\.\d+\.\d+\+k3s\d+$/);
  });

  it("name an operating system release, not a moving alias", () => {
    expect(images.server).toMatch(/^ubuntu-\d\d\.\d\d$/);
  });

  it("work together", () => {
    expect(checkVersions()).toEqual([]);
  });
});

describe("what follows the pins", () => {
  const kubernetes = versions.k3s.version.replace(/\+.*$/u, "");
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
    dependencies: Record<string, string>;
  };

  it.each([
    ["kubernetes", "k8s.io/kubernetes", kubernetes],
    ["cilium", "github.com/cilium/cilium", `v${versions.cilium.version}`],
    ["definitions", "sigs.k8s.io/gateway-api", versions.gatewayApi.version],
    ["definitions", "github.com/cert-manager/cert-manager", charts.certManager.version],
    ["pulumi", "github.com/pulumi/pulumi/pkg/v3", `v${dependencies["@pulumi/pulumi"]}`],
  ])("sandbox/tools/%s requires %s in the version of the program", (tool, module, version) => {
    expect(required(tool, module)).toBe(version);
  });

  it("is kubectl, which has the version of Kubernetes", () => {
    expect(containers.kubectl.split("@")[0]).toBe(`registry.k8s.io/kubectl:${kubernetes}`);
  });
});

/** The version of a module that a tool's go.mod requires. */
function required(tool: string, module: string): string | undefined {
  return readFileSync(`sandbox/tools/${tool}/go.mod`, "utf8")
    .split("\n")
    .map((line) =>
      line
        .replace(/^require /u, "")
        .trim()
        .split(" "),
    )
    .find(([name]) => name === module)?.[1];
}

describe("a half-done bump", () => {
  it.each([
    [
      "of k3s alone",
      { k3s: { ...versions.k3s, version: "v1.37.0+k3s1" } },
      "Cilium 1.20.2 is tested on Kubernetes 1.33, 1.34, 1.35, 1.36, but k3s is pinned to v1.37.0+k3s1.",
    ],
    [
      "of Cilium to an unknown minor",
      { cilium: { ...versions.cilium, version: "1.21.0" } },
      "Cilium 1.21.0 has no row in the compatibility table of versions.ts, which knows 1.20, 1.19.",
    ],
    [
      "of Gateway API to the next minor",
      { gatewayApi: { ...versions.gatewayApi, version: "v1.7.0" } },
      "Cilium 1.20.2 needs Gateway API 1.6.1 or a later patch of 1.6, but it is pinned to v1.7.0.",
    ],
    [
      "of Gateway API to a patch that lacks definitions",
      { gatewayApi: { ...versions.gatewayApi, version: "v1.6.0" } },
      "Cilium 1.20.2 needs Gateway API 1.6.1 or a later patch of 1.6, but it is pinned to v1.6.0.",
    ],
  ])("%s is found", (_, bump, sentence) => {
    expect(checkVersions({ ...versions, ...bump })).toEqual([sentence]);
  });

  it("of Cilium back by a minor is found on both sides", () => {
    expect(
      checkVersions({ ...versions, cilium: { ...versions.cilium, version: "1.19.7" } }),
    ).toEqual([
      "Cilium 1.19.7 is tested on Kubernetes 1.32, 1.33, 1.34, 1.35, but k3s is pinned to v1.36.4+k3s1.",
      "Cilium 1.19.7 needs Gateway API 1.4.1 or a later patch of 1.4, but it is pinned to v1.6.1.",
    ]);
  });

  it("that is completed is accepted", () => {
    const row = compatibility.find(({ cilium }) => cilium === "1.19");
    expect(row?.kubernetes).toContain("1.35");
    expect(
      checkVersions({
        k3s: { ...versions.k3s, version: "v1.35.6+k3s1" },
        cilium: { ...versions.cilium, version: "1.19.7" },
        gatewayApi: { ...versions.gatewayApi, version: "v1.4.1" },
      }),
    ).toEqual([]);
  });
});
