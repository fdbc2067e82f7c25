import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Region, type RegionArgs } from "../../components/region";
import { canariesIn } from "../support/canary";
import type { RenderedResource } from "../support/monitor";
import { renderStack, type StackConfig } from "../support/render";
import { registered } from "./registered";

type Pools = Record<string, { type: string; count: number }>;

const stack = "germany";
const render = async (edit?: (config: StackConfig) => StackConfig) => {
  const { resources } = await renderStack(stack, edit && { edit });
  return resources.filter(({ custom }) => custom);
};
const withPools = (change: (pools: Pools) => Pools) => (config: StackConfig) => ({
  ...config,
  "meridian:pools": change(config["meridian:pools"] as Pools),
});
const replacing =
  (...replace: string[]) =>
  (config: StackConfig) => ({ ...config, "meridian:machines": { replace } });

const key = ({ type, name }: RenderedResource) => `${type} ${name}`;
const server = (resources: readonly RenderedResource[], name: string) => {
  const found = resources.find((each) => key(each) === `hcloud:index/server:Server ${name}`);
  if (!found) throw new Error(`no server ${name}`);
  return found;
};
const userData = (resources: readonly RenderedResource[], name: string) =>
  String(server(resources, name).revealedInputs["userData"]);

/** Keys of the resources whose inputs or options differ, or that only one side has. */
function changed(before: readonly RenderedResource[], after: readonly RenderedResource[]) {
  const text = (resources: readonly RenderedResource[]) =>
    new Map(
      resources.map((each) => [
        key(each),
        JSON.stringify([each.revealedInputs, each.ignoreChanges, each.protect]),
      ]),
    );
  const [old, now] = [text(before), text(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])];
  return keys.filter((each) => old.get(each) !== now.get(each)).toSorted();
}

describe("a change of one thing", () => {
  it("another order of pools changes nothing", async () => {
    const reverse = withPools((pools) => Object.fromEntries(Object.entries(pools).toReversed()));
    const both = [await render(), await render(reverse)] as const;
    expect(changed(...both)).toEqual([]);
  });

  it("one more node makes that node and lets it through the firewall", async () => {
    const more = withPools((pools) => ({ ...pools, media: { type: "ccx23", count: 3 } }));
    expect(changed(await render(), await render(more))).toEqual([
      "cloudflare:index/dnsRecord:DnsRecord germany-dns-mesh-germany-media-3",
      "cloudflare:index/dnsRecord:DnsRecord germany-dns-node-germany-media-3",
      "hcloud:index/firewall:Firewall germany-firewall-control-plane",
      "hcloud:index/firewall:Firewall germany-firewall-nodes",
      "hcloud:index/primaryIp:PrimaryIp germany-address-media-3",
      "hcloud:index/server:Server germany-media-3",
    ]);
  });

  it("a new pool leaves every other pool's servers alone", async () => {
    const more = withPools((pools) => ({ ingest: { type: "ccx13", count: 1 }, ...pools }));
    const servers = changed(await render(), await render(more)).filter((each) =>
      /Server|PrimaryIp|PlacementGroup/u.test(each),
    );
    expect(servers).toEqual([
      "hcloud:index/placementGroup:PlacementGroup germany-ingest-1",
      "hcloud:index/primaryIp:PrimaryIp germany-address-ingest-1",
      "hcloud:index/server:Server germany-ingest-1",
    ]);
  });
});

describe("a replacement by name", () => {
  it("changes exactly the named server", async () => {
    expect(changed(await render(), await render(replacing("germany-media-2")))).toEqual([
      "hcloud:index/server:Server germany-media-2",
    ]);
  });

  it("of the first control-plane server makes it join the second, without any CA's key", async () => {
    const name = "germany-control-plane-1";
    const resources = await render(replacing(name));
    const files = (parse(userData(resources, name)) as { write_files: WrittenFile[] }).write_files;
    const config = parse(files.find(({ path }) => path.endsWith("config.yaml"))?.content ?? "");
    expect(config).not.toHaveProperty("cluster-init");
    expect(config.server).toMatch(/^https:\/\/[\d.]+:6443$/u);
    expect(config.server).not.toContain(config["node-ip"]);
    expect(canariesIn(userData(resources, name))).toEqual([
      "germany-authorities-agent-password",
      "germany-authorities-server-password",
    ]);
  });
});

interface WrittenFile {
  path: string;
  content: string;
}

describe("what a machine is told", () => {
  it("only the founder knows the CAs' keys", async () => {
    const resources = await render();
    expect(canariesIn(userData(resources, "germany-control-plane-1"))).toEqual([
      "germany-authorities-agent-password",
      "germany-authorities-client-ca-key",
      "germany-authorities-etcd-peer-ca-key",
      "germany-authorities-etcd-server-ca-key",
      "germany-authorities-request-header-ca-key",
      "germany-authorities-server-ca-key",
      "germany-authorities-server-password",
      "germany-authorities-service-key",
    ]);
    expect(canariesIn(userData(resources, "germany-control-plane-2"))).toEqual([
      "germany-authorities-agent-password",
      "germany-authorities-server-password",
    ]);
  });

  it.each(["germany-edge-1", "germany-media-2"])(
    "%s knows the agents' password only",
    async (name) => {
      expect(canariesIn(userData(await render(), name))).toEqual([
        "germany-authorities-agent-password",
      ]);
    },
  );

  it("each server stands at its own Primary IP and under its own name", async () => {
    const resources = await render();
    const servers = resources.filter(({ type }) => type === "hcloud:index/server:Server");
    expect(servers).toHaveLength(7);
    for (const { name, inputs, revealedInputs } of servers) {
      const address = name.replace("germany-", "germany-address-");
      expect(server(resources, name).dependencies).toContain(address);
      expect(inputs["name"]).toBe(name);
      expect(String(revealedInputs["userData"])).toContain(`node-name: ${name}\n`);
    }
  });
});

describe("what goes into the cluster", () => {
  it("waits until the API of the first server answers", async () => {
    const resources = await render();
    const named = (name: string) => resources.find((each) => each.name === name);
    expect(named("germany-kubernetes-ready")?.dependencies).toContain("germany-control-plane-1");
    expect(named("germany-kubernetes-provider")?.dependencies).toContain(
      "germany-kubernetes-ready",
    );
    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(objects.filter(({ provider }) => provider !== "germany-kubernetes-provider")).toEqual(
      [],
    );
    expect(objects.map(({ name }) => name)).toContain("germany-baseline-deny-all");
  });

  it("goes by a provider that keeps its identity when the kubeconfig is renewed", async () => {
    const provider = (await render()).find(({ name }) => name === "germany-kubernetes-provider");
    expect(provider?.inputs).toMatchObject({
      kubeconfig: "[secret]",
      clusterIdentifier: "meridian-germany",
      upsertExistingObjects: "true",
    });
  });
});

it("needs a control plane, and says so", async () => {
  const args: RegionArgs = {
    location: "fsn1",
    podCidr: "10.101.0.0/16",
    serviceCidr: "10.111.0.0/16",
    clusterId: 1,
    peers: ["singapore"],
    underlayMtu: 1500,
    acme: { environment: "staging", email: "operations@example.com" },
    domain: { name: "live.example.com", zone: "example.com", zoneId: "0".repeat(32) },
    operatorCidrs: [],
    pools: { edge: { type: "ccx13", count: 1 } },
    protect: true,
    replace: [],
    hcloudToken: "token",
    cloudflareApiToken: "token",
  };
  await expect(registered(() => new Region("germany", args))).rejects.toThrow(
    "pools must have a control-plane, got edge",
  );
});
