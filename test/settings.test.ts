import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { regionNames } from "../regions";
import { parseSettings, readSettings, secretKeys } from "../settings";

type Groups = Record<string, unknown>;

/** A legal stack file. Every broken one below is this one with a few keys changed. */
function legalFile(): Groups {
  return {
    region: { name: "germany", location: "fsn1" },
    domain: { name: "live.example.com", zone: "example.com", zoneId: "0123456789abcdef".repeat(2) },
    access: { operatorCidrs: ["203.0.113.0/24"] },
    acme: { environment: "staging", email: "operations@example.com" },
    machines: { replace: [] },
    pools: {
      "control-plane": { type: "ccx13", count: 3 },
      edge: { type: "ccx13", count: 2 },
      media: { type: "ccx23", count: 2 },
    },
  };
}

/** The legal file with values put at paths such as "pools.edge.count"; undefined takes a key out. */
function changed(changes: Readonly<Record<string, unknown>>): Groups {
  const file = legalFile();
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let group: Groups = file;
    for (const key of keys) {
      group = (group[key] ??= {}) as Groups;
    }
    if (value === undefined) {
      delete group[last];
    } else {
      group[last] = value;
    }
  }
  return file;
}

/** The mistakes of a file, one a line, and the first line that counts them. */
function mistakes(
  file: Groups,
  encrypted?: ReadonlySet<string>,
): { head: string; lines: string[] } {
  try {
    parseSettings("germany", file, encrypted);
  } catch (error) {
    const [head = "", ...lines] = (error as Error).message.split("\n");
    return { head, lines: lines.map((line) => line.trim()) };
  }
  return { head: "legal", lines: [] };
}

const allTypes = "ccx13, ccx23, ccx33, ccx43, ccx53, ccx63, cx23, cx33, cx43, cx53, cpx22";
const dns = "a DNS name in lower case with at least two labels, such as live.example.com";
const count = "a whole number from 1 to 100; to have no such pool, leave its key out";
const quorum =
  "1 or 3: etcd needs a majority, and an even number survives no more failures than one server fewer";
const zoneId = "the 32 lower-case hexadecimal digits of the zone, in quotes";
const groupNames = "region, domain, access, acme, underlay, machines, pools, etcdBackup";
const label = "x".repeat(63);
const longZone = `${label}.${label}.${label}.example.com`;
const longName = `${"y".repeat(49)}.${longZone}`;
const backup = { endpoint: "s3.example.com", bucket: "etcd-backups", region: "eu-central-1" };

type Row = [what: string, changes: Record<string, unknown>, ...sentences: string[]];

const brokenFiles: Row[] = [
  // region
  [
    "no region",
    { region: undefined },
    "meridian:region is missing; it must be a group with the keys name, location, protect.",
  ],
  [
    "a region that is no group",
    { region: "germany" },
    'meridian:region: "germany" must be a group with the keys name, location, protect.',
  ],
  [
    "an unknown region",
    { "region.name": "frankfurt" },
    'meridian:region.name: "frankfurt" must be one of germany, us-west, singapore.',
  ],
  [
    "an unknown key",
    { "region.nmae": "germany" },
    "meridian:region.nmae is not a setting; legal keys here: name, location, protect.",
  ],
  [
    "a location of another region",
    { "region.location": "hil" },
    "meridian:region.location: hil lies in the network zone us-west, and germany in eu-central; it must be one of fsn1, nbg1.",
  ],
  [
    "a protection that is no switch",
    { "region.protect": "no" },
    'meridian:region.protect: "no" must be true or false.',
  ],
  [
    "an unknown location",
    { "region.location": "hel1" },
    'meridian:region.location: "hel1" must be one of the region\'s locations: germany has fsn1 and nbg1, us-west has hil, singapore has sin.',
  ],

  // domain
  [
    "no domain",
    { domain: undefined },
    "meridian:domain is missing; it must be a group with the keys name, zone, zoneId.",
  ],
  [
    "a domain without zone",
    { "domain.zone": undefined },
    `meridian:domain.zone is missing; it must be ${dns}.`,
  ],
  [
    "a domain outside its zone",
    { "domain.name": "live.example.org" },
    'meridian:domain.name: "live.example.org" is not in the zone example.com; it must be example.com or end in .example.com.',
  ],
  [
    "a domain that only ends like its zone",
    { "domain.name": "liveexample.com" },
    'meridian:domain.name: "liveexample.com" is not in the zone example.com; it must be example.com or end in .example.com.',
  ],
  [
    "a domain of one label",
    { "domain.name": "localhost" },
    `meridian:domain.name: "localhost" must be ${dns}.`,
  ],
  [
    "a domain with capitals",
    { "domain.name": "Live.example.com" },
    `meridian:domain.name: "Live.example.com" must be ${dns}.`,
  ],
  [
    "a domain that is an address on the web",
    { "domain.name": "https://live.example.com" },
    `meridian:domain.name: "https://live.example.com" must be ${dns}.`,
  ],
  [
    "a zone with a trailing dot",
    { "domain.zone": "example.com." },
    `meridian:domain.zone: "example.com." must be ${dns}.`,
  ],
  [
    "a label of 64 characters",
    { "domain.name": `${label}x.example.com` },
    `meridian:domain.name: "${label.slice(0, 59)}... must be ${dns}.`,
  ],
  [
    "node names too long for DNS",
    { "domain.name": longName, "domain.zone": longZone },
    `meridian:domain.name: "${"y".repeat(49)}.xxxxxxxxx... is too long; the name "germany-control-plane-1.${"y".repeat(35)}... made from it has 277 characters and DNS allows 253.`,
  ],
  [
    "a zone id that is a name",
    { "domain.zoneId": "example.com" },
    `meridian:domain.zoneId: "example.com" must be ${zoneId}.`,
  ],
  [
    "a zone id that YAML read as a number",
    { "domain.zoneId": 0 },
    `meridian:domain.zoneId: 0 must be ${zoneId}.`,
  ],

  // access
  [
    "no access",
    { access: undefined },
    "meridian:access is missing; it must be a group with the keys operatorCidrs, allowWorld.",
  ],
  [
    "no operator range",
    { "access.operatorCidrs": [] },
    "meridian:access.operatorCidrs: [] must be a list of at least one IP range: nobody could reach the API.",
  ],
  [
    "a range that is no list",
    { "access.operatorCidrs": "203.0.113.0/24" },
    'meridian:access.operatorCidrs: "203.0.113.0/24" must be a list of IP ranges, such as [203.0.113.0/24].',
  ],
  [
    "a range that is a number",
    { "access.operatorCidrs": [203] },
    "meridian:access.operatorCidrs[0]: 203 must be an IP range, such as 203.0.113.0/24.",
  ],
  [
    "a range without prefix",
    { "access.operatorCidrs": ["203.0.113.7"] },
    'meridian:access.operatorCidrs[0]: "203.0.113.7" is not an IP range; write one such as 203.0.113.0/24 or 2001:db8::/48.',
  ],
  [
    "a range with a number over 255",
    { "access.operatorCidrs": ["203.0.113.256/32"] },
    'meridian:access.operatorCidrs[0]: "203.0.113.256/32" is not an IP range; write one such as 203.0.113.0/24 or 2001:db8::/48.',
  ],
  [
    "a range with a prefix over 32",
    { "access.operatorCidrs": ["203.0.113.0/33"] },
    'meridian:access.operatorCidrs[0]: "203.0.113.0/33" is not an IP range; write one such as 203.0.113.0/24 or 2001:db8::/48.',
  ],
  [
    "a range with host bits",
    { "access.operatorCidrs": ["203.0.113.7/24"] },
    'meridian:access.operatorCidrs[0]: "203.0.113.7/24" is an address inside a network; write 203.0.113.0/24 for the network or 203.0.113.7/32 for the address.',
  ],
  [
    "an IPv6 range with host bits",
    { "access.operatorCidrs": ["2001:db8::7/64"] },
    'meridian:access.operatorCidrs[0]: "2001:db8::7/64" is an address inside a network; write 2001:db8::/64 for the network or 2001:db8::7/128 for the address.',
  ],
  [
    "the world without the word",
    { "access.operatorCidrs": ["0.0.0.0/0"] },
    'meridian:access.operatorCidrs[0]: "0.0.0.0/0" is wider than /8, almost the whole Internet; name narrower ranges or set meridian:access.allowWorld to true.',
  ],
  [
    "the IPv6 world without the word",
    { "access.operatorCidrs": ["::/0"] },
    'meridian:access.operatorCidrs[0]: "::/0" is wider than /8, almost the whole Internet; name narrower ranges or set meridian:access.allowWorld to true.',
  ],
  [
    "the world in two halves",
    { "access.operatorCidrs": ["0.0.0.0/1", "128.0.0.0/1"] },
    'meridian:access.operatorCidrs[0]: "0.0.0.0/1" is wider than /8, almost the whole Internet; name narrower ranges or set meridian:access.allowWorld to true.',
    'meridian:access.operatorCidrs[1]: "128.0.0.0/1" is wider than /8, almost the whole Internet; name narrower ranges or set meridian:access.allowWorld to true.',
  ],
  [
    "the word as text",
    { "access.allowWorld": "yes" },
    'meridian:access.allowWorld: "yes" must be true or false.',
  ],
  [
    "a range twice",
    { "access.operatorCidrs": ["203.0.113.0/24", "203.0.113.0/24"] },
    'meridian:access.operatorCidrs[1]: "203.0.113.0/24" is listed twice.',
  ],

  // pools
  [
    "no pools",
    { pools: undefined },
    "meridian:pools is missing; it must be a group with the keys control-plane, edge, media, ingest, transcode, observability.",
  ],
  [
    "no control plane",
    { "pools.control-plane": undefined },
    "meridian:pools.control-plane is missing; it must be a group with the keys type, count.",
  ],
  [
    "an even control plane",
    { "pools.control-plane.count": 2 },
    `meridian:pools.control-plane.count: 2 must be ${quorum}.`,
  ],
  [
    "a control plane of five",
    { "pools.control-plane.count": 5 },
    `meridian:pools.control-plane.count: 5 must be ${quorum}.`,
  ],
  ["a pool of none", { "pools.edge.count": 0 }, `meridian:pools.edge.count: 0 must be ${count}.`],
  [
    "a negative pool",
    { "pools.edge.count": -1 },
    `meridian:pools.edge.count: -1 must be ${count}.`,
  ],
  [
    "half a server",
    { "pools.edge.count": 1.5 },
    `meridian:pools.edge.count: 1.5 must be ${count}.`,
  ],
  [
    "a count as text",
    { "pools.edge.count": "2" },
    `meridian:pools.edge.count: "2" must be ${count}.`,
  ],
  [
    "a pool of 101",
    { "pools.media.count": 101 },
    `meridian:pools.media.count: 101 must be ${count}.`,
  ],
  [
    "a pool without count",
    { "pools.edge.count": undefined },
    `meridian:pools.edge.count is missing; it must be ${count}.`,
  ],
  [
    "a pool without type",
    { "pools.edge.type": undefined },
    `meridian:pools.edge.type is missing; it must be one of ${allTypes}.`,
  ],
  [
    "an empty pool",
    { "pools.edge": null },
    "meridian:pools.edge: null must be a group with the keys type, count.",
  ],
  [
    "pools as a list",
    { pools: [] },
    "meridian:pools: [] must be a group with the keys control-plane, edge, media, ingest, transcode, observability.",
  ],
  [
    "an unknown pool",
    { "pools.gpu": { type: "ccx13", count: 1 } },
    "meridian:pools.gpu is not a setting; legal keys here: control-plane, edge, media, ingest, transcode, observability.",
  ],
  [
    "a type that is gone",
    { "pools.media.type": "cx22" },
    `meridian:pools.media.type: "cx22" must be one of ${allTypes}.`,
  ],
  [
    "a type for the wrong processor",
    { "pools.media.type": "cax21" },
    `meridian:pools.media.type: "cax21" must be one of ${allTypes}.`,
  ],
  [
    "a type not sold in Singapore",
    { region: { name: "singapore" }, "pools.edge.type": "cx33" },
    "meridian:pools.edge.type: cx33 is not sold in sin; sold there: ccx13, ccx23, ccx33, ccx43, ccx53, ccx63, cpx22.",
  ],
  [
    "a type not sold in Hillsboro",
    { region: { name: "us-west", location: "hil" }, "pools.control-plane.type": "cpx22" },
    "meridian:pools.control-plane.type: cpx22 is not sold in hil; sold there: ccx13, ccx23, ccx33, ccx43, ccx53, ccx63.",
  ],
  [
    "more placement groups than a project has",
    manyServers(),
    "meridian:pools: its servers need 51 spread placement groups of 10, but a Hetzner project has 50; make the pools smaller.",
  ],

  // machines
  [
    "a replacement that is no list",
    { "machines.replace": "germany-media-1" },
    'meridian:machines.replace: "germany-media-1" must be a list of server names, such as [germany-media-1].',
  ],
  [
    "a replacement of no server",
    { "machines.replace": ["germany-edge-3"] },
    'meridian:machines.replace[0]: "germany-edge-3" is no server of this stack; it must be one of germany-control-plane-1, germany-control-plane-2, germany-control-plane-3, germany-edge-1, germany-edge-2, germany-media-1, germany-media-2.',
  ],
  [
    "a replacement in another region",
    {
      "machines.replace": ["us-west-edge-1"],
      pools: { "control-plane": { type: "ccx13", count: 1 } },
    },
    'meridian:machines.replace[0]: "us-west-edge-1" is no server of this stack; it must be one of germany-control-plane-1.',
  ],
  [
    "a replacement twice",
    { "machines.replace": ["germany-edge-1", "germany-edge-1"] },
    'meridian:machines.replace[1]: "germany-edge-1" is listed twice.',
  ],
  [
    "two replacements in one pool",
    { "machines.replace": ["germany-edge-1", "germany-edge-2"] },
    'meridian:machines.replace[1]: "germany-edge-2" is in the pool edge like germany-edge-1; replace one server of a pool at a time.',
  ],
  [
    "a replacement of the only control plane",
    { "machines.replace": ["germany-control-plane-1"], "pools.control-plane.count": 1 },
    'meridian:machines.replace[0]: "germany-control-plane-1" is the only control-plane server, and the cluster would be lost with it; first set meridian:pools.control-plane.count to 3.',
  ],

  // acme, underlay
  [
    "no account for certificates",
    { acme: undefined },
    "meridian:acme is missing; it must be a group with the keys environment, email.",
  ],
  [
    "an unknown ACME environment",
    { "acme.environment": "prod" },
    'meridian:acme.environment: "prod" must be one of staging, production.',
  ],
  [
    "an address that is none",
    { "acme.email": "operations" },
    'meridian:acme.email: "operations" must be an e-mail address, such as operations@example.com.',
  ],
  [
    "an MTU that leaves too little for the pods",
    { "underlay.mtu": 1400 },
    "meridian:underlay.mtu: 1400 must be a whole number from 1410 to 9000, because encryption and the tunnel take 130 bytes of it.",
  ],
  [
    "an MTU that no network has",
    { "underlay.mtu": 65_536 },
    "meridian:underlay.mtu: 65536 must be a whole number from 1410 to 9000, because encryption and the tunnel take 130 bytes of it.",
  ],

  // etcdBackup
  [
    "a backup without bucket",
    { etcdBackup: { ...backup, bucket: undefined } },
    "meridian:etcdBackup.bucket is missing; it must be a bucket name.",
  ],
  [
    "a backup endpoint with a scheme",
    { etcdBackup: { ...backup, endpoint: "https://s3.example.com" } },
    'meridian:etcdBackup.endpoint: "https://s3.example.com" must be a host name with an optional port and without https://, such as s3.example.com.',
  ],
  [
    "a bucket name with capitals",
    { etcdBackup: { ...backup, bucket: "Backups" } },
    'meridian:etcdBackup.bucket: "Backups" must be a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens.',
  ],
  [
    "a secret inside a group",
    { etcdBackup: { ...backup, secretKey: "in clear" } },
    "meridian:etcdBackup.secretKey is not a setting; legal keys here: endpoint, bucket, region.",
  ],

  // the file
  [
    "an undeclared key",
    { loadBalancing: { on: true } },
    `meridian:loadBalancing is not a setting; legal keys are the groups ${groupNames} and the secrets ${secretKeys.join(", ")}.`,
  ],
  [
    "three mistakes in three groups",
    { "region.location": "hil", "pools.edge.count": 0, "pools.media.type": "cx22" },
    `meridian:pools.edge.count: 0 must be ${count}.`,
    `meridian:pools.media.type: "cx22" must be one of ${allTypes}.`,
    "meridian:region.location: hil lies in the network zone us-west, and germany in eu-central; it must be one of fsn1, nbg1.",
  ],
  [
    "a wrong pair in a file that has no domain",
    { domain: undefined, region: { name: "singapore" }, "pools.edge": { type: "cx33", count: 0 } },
    "meridian:domain is missing; it must be a group with the keys name, zone, zoneId.",
    `meridian:pools.edge.count: 0 must be ${count}.`,
    "meridian:pools.edge.type: cx33 is not sold in sin; sold there: ccx13, ccx23, ccx33, ccx43, ccx53, ccx63, cpx22.",
  ],
];

function manyServers(): Record<string, unknown> {
  const workers = ["edge", "media", "ingest", "transcode", "observability"];
  return Object.fromEntries(
    workers.map((name) => [`pools.${name}`, { type: "ccx13", count: 100 }]),
  );
}

describe("a broken stack file", () => {
  it.each(brokenFiles)("with %s is refused in a sentence", (_, changes, ...sentences) => {
    const { head, lines } = mistakes(changed(changes));
    expect(lines).toEqual(sentences);
    const number = sentences.length === 1 ? "1 mistake" : `${sentences.length} mistakes`;
    expect(head).toBe(`Pulumi.germany.yaml has ${number}:`);
  });

  it("is described in at least forty ways above", () => {
    expect(new Set(brokenFiles.map(([what]) => what)).size).toBeGreaterThanOrEqual(40);
  });
});

describe("the secrets of a stack file", () => {
  const both = new Set(["hcloudToken", "cloudflareApiToken"]);
  const canary = "canary-4711";

  it("are named with the command that sets them when they are missing", () => {
    expect(mistakes(legalFile(), new Set()).lines).toEqual([
      "meridian:hcloudToken is missing; set it with: pulumi config set --secret meridian:hcloudToken --stack germany",
      "meridian:cloudflareApiToken is missing; set it with: pulumi config set --secret meridian:cloudflareApiToken --stack germany",
    ]);
  });

  it("include those of the etcd backup only where there is one", () => {
    expect(mistakes(legalFile(), both).lines).toEqual([]);
    expect(mistakes(changed({ etcdBackup: backup }), both).lines).toEqual([
      "meridian:etcdBackupAccessKey is missing; set it with: pulumi config set --secret meridian:etcdBackupAccessKey --stack germany",
      "meridian:etcdBackupSecretKey is missing; set it with: pulumi config set --secret meridian:etcdBackupSecretKey --stack germany",
    ]);
  });

  it("are refused in clear without being repeated", () => {
    const { lines } = mistakes(changed({ hcloudToken: canary }), new Set(["cloudflareApiToken"]));
    expect(lines).toEqual([
      "meridian:hcloudToken is a secret stored in clear; renew it where it was issued, then set it with: pulumi config set --secret meridian:hcloudToken --stack germany",
    ]);
  });

  it("are refused when they are empty", () => {
    expect(mistakes(changed({ hcloudToken: "" }), both).lines).toEqual([
      "meridian:hcloudToken is empty; set it with: pulumi config set --secret meridian:hcloudToken --stack germany",
    ]);
  });

  it("are not repeated when they stand under a wrong name or in an encrypted group", () => {
    const file = changed({ hcloudTokn: canary, "region.token": canary, access: canary });
    const { head, lines } = mistakes(file, new Set([...both, "access"]));
    expect(head).toBe("Pulumi.germany.yaml has 3 mistakes:");
    expect(lines).toContain(
      "meridian:access is stored encrypted; a group holds no secrets, so write it in clear.",
    );
    expect(lines.join("\n")).not.toContain(canary);
  });
});

describe("a legal stack file", () => {
  it("gets its defaults: the region's first location, protection, no replacement, no world", () => {
    const file = changed({ "region.location": undefined, machines: undefined });
    expect(parseSettings("germany", file)).toEqual({
      ...legalFile(),
      region: { name: "germany", location: "fsn1", protect: true },
      underlay: { mtu: 1500 },
      access: { operatorCidrs: ["203.0.113.0/24"], allowWorld: false },
    });
  });

  it.each([
    ["the region's other location", { "region.location": "nbg1" }],
    ["the whole zone as its domain", { "domain.name": "example.com" }],
    [
      "the world with the word",
      { "access.operatorCidrs": ["0.0.0.0/0", "::/0"], "access.allowWorld": true },
    ],
    ["eleven servers in a pool", { "pools.media.count": 11 }],
    ["a shared type in Germany", { "pools.edge.type": "cx33" }],
    [
      "one replacement in each of two pools",
      { "machines.replace": ["germany-edge-2", "germany-control-plane-3"] },
    ],
    ["a control plane of one", { "pools.control-plane.count": 1 }],
    ["an etcd backup", { etcdBackup: { ...backup, endpoint: "s3.example.com:9000" } }],
  ])("may have %s", (_, changes) => {
    expect(mistakes(changed(changes)).lines).toEqual([]);
  });
});

describe("the committed stack files", () => {
  it.each(regionNames)(
    "Pulumi.%s.yaml is legal, names the schema and holds no secret",
    (region) => {
      const text = readFileSync(join(__dirname, "..", `Pulumi.${region}.yaml`), "utf8");
      expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=schemas/stack.schema.json");
      const { config } = parse(text) as { config: Groups };
      const ours = Object.entries(config).filter(([key]) => key.startsWith("meridian:"));
      const file = Object.fromEntries(ours.map(([key, value]) => [key.slice(9), value]));
      expect(parseSettings(region, file).region.name).toBe(region);
      expect(secretKeys.filter((key) => key in file)).toEqual([]);
      expect(config["pulumi:disable-default-providers"]).toContain("hcloud");
    },
  );
});

describe("the configuration of a running program", () => {
  const before = pulumi.runtime.allConfig();
  afterEach(() => {
    pulumi.runtime.setAllConfig(before);
  });

  /** Puts a file into the running program as Pulumi does: groups as JSON, plain values as they are. */
  function run(file: Groups, encrypted: readonly string[]): void {
    const entries = Object.entries(file).map(([key, value]) => [
      `meridian:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    pulumi.runtime.setAllConfig(
      Object.fromEntries([...entries, ["pulumi:tags", '{"a":"b"}']]),
      encrypted.map((key) => `meridian:${key}`),
    );
  }
  const secrets = { hcloudToken: "1234", cloudflareApiToken: "abc" };

  it("is read", () => {
    run({ ...legalFile(), ...secrets }, Object.keys(secrets));
    expect(readSettings().pools.edge).toEqual({ type: "ccx13", count: 2 });
  });

  it("is refused as an error for users, with secrets in clear and bare values found", () => {
    run({ ...legalFile(), ...secrets, domain: "live.example.com" }, ["hcloudToken"]);
    expect(() => readSettings()).toThrow(pulumi.RunError);
    expect(() => readSettings()).toThrow(
      [
        "  meridian:cloudflareApiToken is a secret stored in clear; renew it where it was issued, then set it with: pulumi config set --secret meridian:cloudflareApiToken --stack stack",
        '  meridian:domain: "live.example.com" must be a group with the keys name, zone, zoneId.',
      ].join("\n"),
    );
  });
});
