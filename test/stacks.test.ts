import { describe, expect, it } from "vitest";
import { anchor, type RegionName, regionNames, regions } from "../regions";
import { secretKeys } from "../settings";
import { canariesIn, leaksIn } from "./support/canary";
import { cloudInitText } from "./support/cloudInitText";
import { differences } from "./support/compare";
import { goldenText } from "./support/golden";
import type { RenderedResource } from "./support/monitor";
import { type RenderedStack, renderStack, type StackConfig } from "./support/render";
import { secretWord } from "./support/secrets";

const ofType = ({ resources }: RenderedStack, type: string) =>
  resources.filter((resource) => resource.type.endsWith(`:${type}`));

/** Where a secret shows: in a resource's name, its inputs, what a component registered, or an output of the stack. */
const leaks = ({ resources, outputs }: RenderedStack) => [
  ...resources.flatMap(({ type, name, inputs, outputs: registered }) =>
    leaksIn({ name, inputs, registered }, `${type} ${name}`),
  ),
  ...leaksIn(outputs, "stack output"),
];

/** Names of the secrets that a machine is told. */
const told = (server: RenderedResource | undefined) =>
  canariesIn(String(server?.revealedInputs["userData"]));

const withBackup = (config: StackConfig): StackConfig => ({
  ...config,
  "meridian:etcdBackup": { endpoint: "s3.example.com", bucket: "etcd", region: "eu-central-1" },
});

describe.each(regionNames)("stack %s", (region) => {
  it("registers what its golden file says", async () => {
    await expect(goldenText(await renderStack(region))).toMatchFileSnapshot(
      `golden/${region}.yaml`,
    );
  });

  it("shows no secret in clear, with or without a backup store", async () => {
    expect(leaks(await renderStack(region))).toEqual([]);
    expect(leaks(await renderStack(region, { edit: withBackup }))).toEqual([]);
  });

  it("hands every secret setting to something", async () => {
    const { resources } = await renderStack(region, { edit: withBackup });
    const used = resources.flatMap(({ revealedInputs }) =>
      canariesIn(JSON.stringify(revealedInputs)),
    );
    expect(used).toEqual(expect.arrayContaining([...secretKeys]));
  });

  it("keeps the kubeconfig secret, and as the anchor the mesh's CA, and puts all else out in clear", async () => {
    const { outputs } = await renderStack(region);
    const secret = Object.entries(outputs).filter(([, value]) => value === secretWord);
    expect(secret.map(([key]) => key)).toEqual(
      region === anchor ? ["kubeconfig", "mesh"] : ["kubeconfig"],
    );
  });

  it("tells each machine the secrets of its role and no others", async () => {
    const stack = await renderStack(region, { edit: withBackup });
    const servers = ofType(stack, "Server");
    const server = (name: string) => servers.find((each) => each.name === `${region}-${name}`);
    const own = (name: string) => `${region}-authorities-${name}`;
    const backup = ["etcdBackupAccessKey", "etcdBackupSecretKey"];
    const tokens = [own("agent-password"), own("server-password")];
    const authorities = [
      "client-ca",
      "etcd-peer-ca",
      "etcd-server-ca",
      "request-header-ca",
      "server-ca",
    ];
    const keys = [...authorities.map((name) => own(`${name}-key`)), own("service-key")];
    expect(told(server("control-plane-1"))).toEqual([...backup, ...tokens, ...keys].toSorted());
    expect(told(server("control-plane-2"))).toEqual([...backup, ...tokens].toSorted());
    expect(told(server("control-plane-3"))).toEqual([...backup, ...tokens].toSorted());
    const agents = servers.filter(({ name }) => !name.includes("-control-plane-"));
    expect(agents.length).toBeGreaterThan(0);
    for (const each of agents) expect(told(each)).toEqual([own("agent-password")]);
  });
});

describe.each(regionNames.filter((region) => region !== anchor))("%s and the anchor", (region) => {
  it("differ in location, cluster id, pod range and peers, and in who owns the mesh's CA", async () => {
    const [owner, other] = [await renderStack(anchor), await renderStack(region)];
    const resources = owner.resources.filter(({ name }) => !name.includes("mesh-authority"));
    const values = "kubernetes:helm.cattle.io/v1:HelmChart inputs.spec.values";
    const peers = [anchor, region].toSorted().flatMap((peer) => {
      const entry = `${values}.clustermesh.config.clusters.${peer}`;
      return [`${entry}.address`, `${entry}.port`];
    });
    expect(differences([{ ...owner, resources }, anchor], [other, region])).toEqual([
      "hcloud:index/primaryIp:PrimaryIp inputs.location",
      "hcloud:index/server:Server inputs.location",
      `${values}.cluster.id`,
      ...peers,
      `${values}.controller.hcloudVolumeDefaultLocation`,
      `${values}.ipam.operator.clusterPoolIPv4PodCIDRList`,
      "tls:index/locallySignedCert:LocallySignedCert inputs.caCertPem",
    ]);
  });

  it("are told different ranges and addresses", async () => {
    const text = async (name: RegionName) => {
      const [first] = ofType(await renderStack(name), "Server");
      return String(first?.revealedInputs["userData"]);
    };
    const { podCidr, serviceCidr } = regions[region];
    expect(await text(region)).toContain(podCidr);
    expect(await text(region)).toContain(serviceCidr);
    expect(await text(anchor)).not.toContain(podCidr);
    expect(await text(anchor)).not.toContain(serviceCidr);
  });
});

describe("cloud-init", () => {
  // One machine of each role; other regions and pools differ in names and ranges only.
  it.each(["control-plane-1", "control-plane-2", "edge-1"])(
    "of %s is its golden file",
    async (name) => {
      const stack = await renderStack(anchor, { edit: withBackup });
      const server = ofType(stack, "Server").find((each) => each.name === `${anchor}-${name}`);
      await expect(cloudInitText(String(server?.revealedInputs["userData"]))).toMatchFileSnapshot(
        `golden/cloud-init/${name}.yaml`,
      );
    },
  );
});

describe("an edited stack file", () => {
  const pools = (change: (pools: Record<string, { type: string; count: number }>) => unknown) => ({
    edit: (config: StackConfig): StackConfig => ({
      ...config,
      "meridian:pools": change(config["meridian:pools"] as never),
    }),
  });
  const oneMoreMediaNode = pools((all) => ({ ...all, media: { type: "ccx23", count: 3 } }));
  const names = ({ resources }: RenderedStack) =>
    resources.map(({ type, name }) => `${type} ${name}`);

  it("with one more media node registers that node's resources and no others", async () => {
    const before = await renderStack(anchor);
    const after = await renderStack(anchor, oneMoreMediaNode);
    expect(names(after).filter((name) => !names(before).includes(name))).toEqual([
      "cloudflare:index/dnsRecord:DnsRecord germany-dns-mesh-germany-media-3",
      "cloudflare:index/dnsRecord:DnsRecord germany-dns-node-germany-media-3",
      "hcloud:index/primaryIp:PrimaryIp germany-address-media-3",
      "hcloud:index/server:Server germany-media-3",
    ]);
    expect(names(before).filter((name) => !names(after).includes(name))).toEqual([]);
  });

  it("with one more media node leaves the user data of every other machine alone", async () => {
    const before = await renderStack(anchor);
    const after = await renderStack(anchor, oneMoreMediaNode);
    const userData = (stack: RenderedStack) =>
      ofType(stack, "Server").map(({ name, revealedInputs }) => [name, revealedInputs["userData"]]);
    expect(userData(after).filter(([name]) => name !== "germany-media-3")).toEqual(
      userData(before),
    );
  });

  it("with its pools in another order registers the same", async () => {
    const reversed = pools((all) => Object.fromEntries(Object.entries(all).toReversed()));
    const resources = ({ resources: all }: RenderedStack) =>
      all.map(({ revealedInputs }) => revealedInputs);
    expect(resources(await renderStack(anchor, reversed))).toEqual(
      resources(await renderStack(anchor)),
    );
  });

  it("that names a machine to replace lets exactly that server follow image and cloud-init", async () => {
    const stack = await renderStack(anchor, {
      edit: (config) => ({ ...config, "meridian:machines": { replace: ["germany-media-1"] } }),
    });
    const following = ofType(stack, "Server").filter(
      ({ ignoreChanges }) => ignoreChanges.length === 0,
    );
    expect(following.map(({ name }) => name)).toEqual(["germany-media-1"]);
  });

  it("with a mistake is refused before anything but the stack is registered", async () => {
    const edit = (config: StackConfig): StackConfig => ({ ...config, "meridian:pools": {} });
    const seen: RenderedResource[] = [];
    await expect(renderStack(anchor, { edit, seen })).rejects.toThrow(
      /^Pulumi\.germany\.yaml has /u,
    );
    expect(seen.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
  });
});
