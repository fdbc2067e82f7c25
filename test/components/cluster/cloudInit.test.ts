import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  agent,
  authorityNames,
  type ClusterRoots,
  foundingServer,
  joiningServer,
  userDataLimit,
  withReplacementMark,
} from "../../../components/cluster/cloudInit";
import { apiServerArguments } from "../../../components/cluster/hardening";
import type { ClusterFacts, NodeFacts } from "../../../components/cluster/k3sConfig";
import { joinToken } from "../../../components/cluster/token";
import { parseCloudInit } from "../../../sandbox/machines/cloudInit";
import { readK3s } from "../../../sandbox/machines/k3s";
import { roots as makeRoots } from "./roots";

const cluster: ClusterFacts = {
  podCidr: "10.103.0.0/16",
  serviceCidr: "10.113.0.0/16",
  apiNames: [
    `api.singapore.${"a".repeat(60)}.${"b".repeat(60)}.example.com`,
    "198.51.100.201",
    "198.51.100.202",
    "198.51.100.203",
  ],
  k3s: { version: "v1.36.4+k3s1", sha256: "ab".repeat(32) },
  etcdBackup: {
    endpoint: "fsn1.your-objectstorage.com",
    bucket: "meridian-etcd-snapshots",
    region: "eu-central-1",
    folder: "singapore",
    accessKey: "A".repeat(64),
    secretKey: "S".repeat(64),
  },
};
const node: NodeFacts = {
  name: "singapore-control-plane-1",
  address: "198.51.100.201",
  labels: { "meridian.dev/region": "singapore", "meridian.dev/pool": "control-plane" },
  taints: ["node-role.kubernetes.io/control-plane=:NoSchedule"],
};
const serverPassword = "ServerPassword".repeat(4).slice(0, 48);
const agentPassword = "AgentPassword".repeat(4).slice(0, 48);

let roots: ClusterRoots;
let tokens: { server: string; agent: string };
let texts: { founding: string; joining: string; agent: string };

beforeAll(async () => {
  roots = await makeRoots();
  const caPem = roots.authorities["server-ca"].certificatePem;
  tokens = {
    server: joinToken(caPem, "server", serverPassword),
    agent: joinToken(caPem, "node", agentPassword),
  };
  texts = {
    founding: foundingServer(cluster, node, tokens, roots),
    joining: joiningServer(cluster, node, tokens, "198.51.100.202"),
    agent: agent(cluster, node, tokens.agent, "198.51.100.201"),
  };
});

const files = (text: string) =>
  new Map(parseCloudInit(text).files.map(({ path, content }) => [path, content.toString("utf8")]));
const tls = "/var/lib/rancher/k3s/server/tls";

describe("every role", () => {
  it.each(["founding", "joining", "agent"] as const)("%s: is read without a complaint", (role) => {
    expect(texts[role].split("\n")[0]).toBe("#cloud-config");
    expect(parseCloudInit(texts[role]).warnings).toEqual([]);
  });

  it.each([
    ["founding", "server", undefined],
    ["joining", "server", "https://198.51.100.202:6443"],
    ["agent", "agent", "https://198.51.100.201:6443"],
  ] as const)("%s: starts k3s as %s, joining %s", (role, mode, serverUrl) => {
    const k3s = readK3s(parseCloudInit(texts[role]));
    expect([k3s?.role, k3s?.serverUrl]).toEqual([mode, serverUrl]);
  });

  it.each(["founding", "joining", "agent"] as const)(
    "%s: nobody can log in, by SSH or by password",
    (role) => {
      const { commands } = parseCloudInit(texts[role]);
      expect(commands).toContain("systemctl mask --now ssh.service ssh.socket");
      expect(commands).toContain("passwd --lock root");
      expect(parse(texts[role])).not.toHaveProperty("ssh_authorized_keys");
      expect(parse(texts[role])).toMatchObject({ ssh_pwauth: false });
    },
  );

  it.each(["founding", "joining", "agent"] as const)(
    "%s: k3s is downloaded by exact version and started only with the right checksum",
    (role) => {
      const written = files(texts[role]);
      const installer = written.get("/usr/local/sbin/install-k3s") ?? "";
      expect(installer).toContain("/download/v1.36.4%2Bk3s1/k3s'");
      expect(installer).toContain(`sum=${"ab".repeat(32)}`);
      const unit = [...written].find(([path]) => path.endsWith(".service"))?.[1];
      expect(unit).toContain("ExecStartPre=/usr/local/sbin/install-k3s\nExecStart=");
    },
  );

  it.each(["founding", "joining", "agent"] as const)(
    "%s: files with secrets in them are for root only",
    (role) => {
      const open = parseCloudInit(texts[role])
        .files.filter(({ mode }) => (mode & 0o077) !== 0)
        .map(({ content }) => content.toString("utf8"));
      for (const secret of [serverPassword, agentPassword, "PRIVATE KEY", "S".repeat(64)]) {
        expect(open.filter((content) => content.includes(secret))).toEqual([]);
      }
    },
  );
});

describe("a founding server", () => {
  it("writes each CA byte for byte, with the key that belongs to it", () => {
    const written = files(texts.founding);
    for (const name of authorityNames) {
      const certificate = written.get(`${tls}/${name}.crt`) ?? "";
      const key = written.get(`${tls}/${name}.key`) ?? "";
      expect(certificate).toBe(roots.authorities[name].certificatePem);
      expect(key).toBe(roots.authorities[name].privateKeyPem);
      expect(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))).toBe(true);
    }
    expect(written.get(`${tls}/service.key`)).toBe(roots.serviceKeyPem);
  });

  it("writes the server CA that both tokens carry the hash of", () => {
    const pem = files(texts.founding).get(`${tls}/server-ca.crt`) ?? "";
    const hash = createHash("sha256").update(pem).digest("hex");
    expect([tokens.server, tokens.agent].map((token) => token.slice(0, 67))).toEqual([
      `K10${hash}`,
      `K10${hash}`,
    ]);
  });

  it("writes any PEM text byte for byte", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (pem) => {
        const text = foundingServer(cluster, node, tokens, { ...roots, serviceKeyPem: pem });
        expect(files(text).get(`${tls}/service.key`)).toBe(Buffer.from(pem).toString("utf8"));
      }),
      { numRuns: 8 },
    );
  });

  it("brings every file that the API server's arguments name, and the directory of its log", () => {
    const written = files(texts.founding);
    const named = apiServerArguments
      .map((argument) => argument.split("=")[1] ?? "")
      .filter((value) => value.endsWith(".yaml"));
    expect(named).toHaveLength(3);
    expect(named.filter((path) => !written.has(path))).toEqual([]);
    expect(parseCloudInit(texts.founding).commands).toContain(
      "install -d -m 700 /var/lib/rancher/k3s/server/logs",
    );
  });

  it("fits into Hetzner's limit with a third of it to spare, keys and names as long as they get", () => {
    expect(Buffer.byteLength(texts.founding)).toBeLessThan((userDataLimit * 2) / 3);
  });

  it("is refused with its size when it does not fit", () => {
    const serviceKeyPem = "k".repeat(userDataLimit);
    expect(() => foundingServer(cluster, node, tokens, { ...roots, serviceKeyPem })).toThrow(
      /^the cloud-init of singapore-control-plane-1 has \d{5} bytes, Hetzner takes at most 32768$/u,
    );
  });
});

describe("what a role does not know", () => {
  it("a joining server has no CA", () => {
    expect([...files(texts.joining).keys()].filter((path) => path.startsWith(tls))).toEqual([]);
    expect(texts.joining).not.toContain("PRIVATE KEY");
  });

  it("an agent has no CA, no server token and no backup credentials", () => {
    const content = [...files(texts.agent).values()].join("\n");
    expect([...files(texts.agent).keys()].filter((path) => path.includes("/server/"))).toEqual([]);
    for (const secret of [serverPassword, "PRIVATE KEY", "S".repeat(64), "A".repeat(64)]) {
      expect(content).not.toContain(secret);
    }
    expect(content).toContain(agentPassword);
  });
});

describe("the mark of a replacement", () => {
  it("is a comment: the machine does the same as without it", () => {
    const marked = withReplacementMark(texts.joining);
    expect(marked).not.toBe(texts.joining);
    expect(parseCloudInit(marked)).toEqual(parseCloudInit(texts.joining));
  });

  it("is always the same, so that asking again changes nothing", () => {
    expect(withReplacementMark(texts.joining)).toBe(withReplacementMark(texts.joining));
  });
});
