import { describe, expect, it } from "vitest";
import { regionNames } from "../regions";
import { canary } from "./support/canary";
import { conventions } from "./support/conventions";
import type { RenderedResource } from "./support/monitor";
import { renderStack } from "./support/render";
import { hetznerImports, programFiles, sourceRules } from "./support/source";

const stack = {
  ...resource("pulumi:pulumi:Stack", "meridian-germany"),
  custom: false,
  parent: "",
  outputs: {},
};

/** A resource that no convention objects to, with a fault planted by `fault`. */
function resource(
  type: string,
  name: string,
  fault: Partial<RenderedResource> = {},
): RenderedResource {
  const inputs = fault.inputs ?? {};
  return {
    type,
    name,
    parent: "germany",
    provider: "germany-hcloud",
    custom: !type.startsWith("meridian:"),
    protect: false,
    retainOnDelete: false,
    deleteBeforeReplace: false,
    ignoreChanges: [],
    aliases: 0,
    secretOutputs: [],
    dependencies: [],
    inputs,
    revealedInputs: inputs,
    outputs: type.startsWith("meridian:") ? { address: "192.0.2.1" } : undefined,
    urn: "",
    ...fault,
  };
}

const primaryIp = "hcloud:index/primaryIp:PrimaryIp";
const firewall = "hcloud:index/firewall:Firewall";
const kept = { autoDelete: false, deleteProtection: true };

/** One planted fault for each convention, and what is said of it. */
const plantedResources: Record<string, [RenderedResource[], string[]][]> = {
  "has component types of the form meridian:<folder>:<Class>": [
    [[resource("meridian:Pool", "germany-edge")], ["germany-edge has type meridian:Pool"]],
    [[resource("meridian:machines:pool", "p")], ["p has type meridian:machines:pool"]],
  ],
  "gives everything but the region a parent": [
    [
      [stack, resource(firewall, "germany-nodes", { parent: stack.name })],
      [`germany-nodes (${firewall}) hangs on the stack`],
    ],
    [[resource(firewall, "f", { parent: "" })], [`f (${firewall}) hangs on the stack`]],
  ],
  "starts each child's name with its parent's": [
    [[resource(firewall, "nodes")], ["nodes is a child of germany"]],
    [[resource(firewall, "germanynodes")], ["germanynodes is a child of germany"]],
  ],
  "registers outputs of each component": [
    [
      [resource("meridian:dns:Records", "germany-dns", { outputs: {} })],
      ["germany-dns (meridian:dns:Records) registers no output"],
    ],
    [
      [resource("meridian:dns:Records", "germany-dns", { outputs: undefined })],
      ["germany-dns (meridian:dns:Records) registers no output"],
    ],
  ],
  "names a provider for every resource": [
    [[resource(firewall, "f", { provider: "" })], [`f (${firewall}) takes a default provider`]],
    [
      [resource(firewall, "f", { provider: "default_1_41_0" })],
      [`f (${firewall}) takes a default provider`],
    ],
  ],
  "protects what outlives machines": [
    [[resource(primaryIp, "a", { inputs: kept })], [`a (${primaryIp}) is not protected`]],
    [
      [
        resource("tls:index/selfSignedCert:SelfSignedCert", "ca", {
          inputs: { isCaCertificate: true },
        }),
      ],
      ["ca (tls:index/selfSignedCert:SelfSignedCert) is not protected"],
    ],
    [
      [
        resource("tls:index/privateKey:PrivateKey", "ca-key"),
        resource("tls:index/privateKey:PrivateKey", "admin-key"),
        resource("tls:index/certRequest:CertRequest", "admin", {
          inputs: { privateKeyPem: canary("admin-key") },
        }),
      ],
      ["ca-key (tls:index/privateKey:PrivateKey) is not protected"],
    ],
    [
      [resource("random:index/randomPassword:RandomPassword", "token")],
      ["token (random:index/randomPassword:RandomPassword) is not protected"],
    ],
  ],
  "keeps each address when its machine goes": [
    [
      [resource(primaryIp, "a", { inputs: { ...kept, autoDelete: true } })],
      ["a needs autoDelete false and deleteProtection true"],
    ],
  ],
  "replaces no server for a new image or cloud-init": [
    [
      [resource("hcloud:index/server:Server", "germany-media-1", { ignoreChanges: ["image"] })],
      ["germany-media-1 does not ignore changes of image and userData"],
    ],
  ],
  "opens no port for SSH": [
    [
      [
        resource(firewall, "f", {
          inputs: {
            rules: [
              { protocol: "tcp", port: "22" },
              { protocol: "tcp", port: "20-80" },
              { protocol: "tcp" },
              { protocol: "udp", port: "22" },
              { protocol: "tcp", port: "2222" },
            ],
          },
        }),
      ],
      ["f opens 22", "f opens 20-80", "f opens any"],
    ],
  ],
};

describe.each(regionNames)("stack %s", (region) => {
  it.each(Object.entries(conventions))("%s", async (_demand, offenders) => {
    const { resources } = await renderStack(region);
    expect(resources.length).toBeGreaterThan(1);
    expect(offenders(resources)).toEqual([]);
  });
});

describe("each convention finds its planted fault", () => {
  it.each(Object.entries(conventions))("%s", (demand, offenders) => {
    const faults = plantedResources[demand] ?? [];
    expect(faults.length).toBeGreaterThan(0);
    for (const [resources, found] of faults) expect(offenders(resources)).toEqual(found);
  });
});

/** One planted fault for each rule on the source: path, text, and what is said of it. */
const plantedSources: Record<string, [string, string, string[]][]> = {
  "creates no resource inside apply": [
    [
      "components/dns/records.ts",
      "ids.apply((all) =>\n all.map((id) => new cloudflare.DnsRecord(id, {})));",
      ["components/dns/records.ts:2 creates cloudflare.DnsRecord inside apply"],
    ],
    ["components/a.ts", 'ids.apply((id) => { throw new Error(id); }); new A("a");', []],
  ],
  "reads no configuration, environment or file in a component": [
    [
      "components/a.ts",
      'import { readFileSync } from "node:fs";\nnew pulumi.Config(); process.env["A"]; pulumi.getStack();',
      [
        "components/a.ts reads pulumi.Config",
        "components/a.ts reads process.env",
        "components/a.ts reads pulumi.getStack",
        "components/a.ts imports node:fs",
      ],
    ],
    ["index.ts", "new pulumi.Config();", []],
  ],
  "reads secret settings as secrets": [
    [
      "index.ts",
      'config.require("hcloudToken"); config.requireSecret("hcloudToken"); config.require("other");',
      ['index.ts:1 reads in clear: config.require("hcloudToken")'],
    ],
  ],
  "asks for no stack or region by name": [
    [
      "index.ts",
      'if (name === "germany") a();',
      ['index.ts:1 decides by name: name === "germany"'],
    ],
    [
      "index.ts",
      'if (pulumi.getStack() !== "x") a();',
      ['index.ts:1 decides by name: pulumi.getStack() !== "x"'],
    ],
    ["index.ts", "if (stack === other) a();", ["index.ts:1 decides by name: stack === other"]],
    [
      "components/a.ts",
      'switch (region) {\n case "singapore": a(); }',
      ['components/a.ts:2 decides by name: case "singapore": a();'],
    ],
    [
      "index.ts",
      'if (stack === "germany") a();',
      ['index.ts:1 decides by name: stack === "germany"'],
    ],
    ["index.ts", 'if (kind === "agent") a("germany");', []],
  ],
  "pins versions in versions.ts only": [
    ["components/a.ts", 'const chart = "1.20.2";', ['components/a.ts:1 pins "1.20.2"']],
    ["components/a.ts", "`v1.36.4+k3s1 ${a}`;", ['components/a.ts:1 pins "v1.36.4+k3s1 "']],
    ["components/a.ts", '"ubuntu-24.04";', ['components/a.ts:1 pins "ubuntu-24.04"']],
    ["components/a.ts", '"nginx:latest";', ['components/a.ts:1 pins "nginx:latest"']],
    ["components/a.ts", '"10.96.0.0/11"; "169.254.169.254"; "0.0.0.0/0"; "v1"; // 1.2.3', []],
    ["versions.ts", '"1.20.2";', []],
  ],
  "knows nothing of the sandbox": [
    [
      "index.ts",
      'import { a } from "./sandbox/directory";',
      ["index.ts imports ./sandbox/directory"],
    ],
    ["components/a.ts", 'import("../sandbox/a.js");', ["components/a.ts imports ../sandbox/a.js"]],
    ["components/a.ts", 'export { a } from "../test/a";', ["components/a.ts imports ../test/a"]],
  ],
  "names a component's type after its folder and class": [
    [
      "components/dns/records.ts",
      'class Records extends A { constructor() { super("meridian:cluster:Records"); } }',
      ["components/dns/records.ts says meridian:cluster:Records for meridian:dns:Records"],
    ],
    [
      "components/region.ts",
      'class Region extends A { constructor() { super("meridian:index:Region"); } }',
      [],
    ],
  ],
  "keeps index.ts on one screen": [
    ["index.ts", "\n".repeat(80), ["index.ts has 81 lines; at most 80"]],
    ["settings.ts", "\n".repeat(80), []],
  ],
};

describe("the program's source", () => {
  const files = programFiles();

  it.each(Object.entries(sourceRules))("%s", (_demand, offences) => {
    expect(files.map(({ path }) => path)).toContain("components/region.ts");
    expect(files.flatMap(offences)).toEqual([]);
  });
});

describe("each rule on the source finds its planted fault", () => {
  it.each(Object.entries(sourceRules))("%s", (demand, offences) => {
    const faults = plantedSources[demand] ?? [];
    expect(faults.length).toBeGreaterThan(0);
    for (const [path, text, found] of faults) expect(offences({ path, text })).toEqual(found);
  });
});

describe("components below the Kubernetes provider", () => {
  const files = programFiles();

  it("import nothing of Hetzner's", () => {
    expect(files.map(({ path }) => path)).toContain("components/cluster/platform.ts");
    expect(hetznerImports(files)).toEqual([]);
  });

  it("are found when one does, directly or through another", () => {
    const planted = [
      { path: "components/cluster/platform.ts", text: 'import { Volumes } from "./volumes";' },
      { path: "components/cluster/volumes.ts", text: 'import { pools } from "../machines";' },
      { path: "components/machines/index.ts", text: 'import type { A } from "@pulumi/hcloud";' },
      { path: "components/media/relay.ts", text: 'export * from "@pulumi/hcloud/types";' },
      { path: "components/region.ts", text: 'import * as hcloud from "@pulumi/hcloud";' },
    ];
    expect(hetznerImports(planted)).toEqual([
      "components/media/relay.ts imports @pulumi/hcloud/types",
      "components/machines/index.ts imports @pulumi/hcloud",
    ]);
  });

  it("are found when the real platform would import a node pool", () => {
    const planted = files.map(({ path, text }) => ({
      path,
      text:
        path === "components/cluster/cilium.ts"
          ? `${text}\nimport type { NodePool } from "../machines/nodePool";`
          : text,
    }));
    expect(hetznerImports(planted)).toContain(
      "components/machines/nodePool.ts imports @pulumi/hcloud",
    );
  });
});
