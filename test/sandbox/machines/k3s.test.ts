import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Authorities } from "../../../sandbox/machines/authorities";
import { createAuthorities } from "../../../sandbox/machines/certificates";
import { parseCloudInit } from "../../../sandbox/machines/cloudInit";
import { type K3s, readK3s } from "../../../sandbox/machines/k3s";
import { type UserData, userData } from "./userData";

const sysctls =
  "vm.panic_on_oom=0\nvm.overcommit_memory = 1\nkernel.panic=10\nkernel.panic_on_oops=1\n";

let authorities: Authorities;
let others: Authorities;
beforeAll(async () => {
  [authorities, others] = [await createAuthorities(), await createAuthorities()];
});

function read(data: UserData): K3s {
  const k3s = readK3s(parseCloudInit(userData(data)));
  if (!k3s) throw new Error("no k3s found");
  return k3s;
}

const server = (config: Record<string, unknown>, rest: Partial<UserData> = {}): UserData => ({
  role: "server",
  config,
  ...rest,
});
const agent = (config: Record<string, unknown>): UserData => ({
  role: "agent",
  config: { server: "https://127.0.0.9:6443", token: "word", ...config },
});

describe("a machine's k3s", () => {
  test("is a server with what its configuration says", () => {
    const k3s = read(
      server(
        {
          "cluster-init": true,
          token: "t",
          "agent-token": "a",
          "node-ip": "127.0.0.1",
          "node-name": "one",
          "node-label": ["pool=control-plane", "topology.kubernetes.io/region=fsn1"],
          "node-taint": ["node-role.kubernetes.io/control-plane=true:NoSchedule", "a:NoExecute"],
          "tls-san": ["api.example.com", "127.0.0.1"],
          "cluster-cidr": "10.1.0.0/16",
          "service-cidr": "10.2.0.0/16",
          "disable-cloud-controller": true,
          "secrets-encryption": true,
          "kubelet-arg": ["cloud-provider=external"],
          "kube-apiserver-arg": ["request-timeout=300s"],
        },
        { authorities },
      ),
    );
    expect(k3s).toMatchObject({
      role: "server",
      token: "t",
      agentToken: "a",
      nodeIp: "127.0.0.1",
      nodeName: "one",
      nodeLabels: { pool: "control-plane", "topology.kubernetes.io/region": "fsn1" },
      nodeTaints: [
        { key: "node-role.kubernetes.io/control-plane", value: "true", effect: "NoSchedule" },
        { key: "a", effect: "NoExecute" },
      ],
      tlsSans: ["api.example.com", "127.0.0.1"],
      clusterCidr: "10.1.0.0/16",
      serviceCidr: "10.2.0.0/16",
      ownCloudController: false,
      externalCloudProvider: true,
      secretsEncryption: "aescbc",
      authorities,
    });
    expect(k3s.serverUrl).toBeUndefined();
    expect(k3s.args.apiserver).toEqual(["request-timeout=300s"]);
  });

  test("has k3s' own defaults where nothing is said", () => {
    expect(read(server({}))).toMatchObject({
      clusterCidr: "10.42.0.0/16",
      serviceCidr: "10.43.0.0/16",
      clusterDomain: "cluster.local",
      ownCloudController: true,
      secretsEncryption: false,
    });
    expect(read(server({})).authorities).toBeUndefined();
  });

  test("is an agent by its unit", () => {
    expect(read(agent({}))).toMatchObject({ role: "agent", serverUrl: "https://127.0.0.9:6443" });
  });

  test("is not there without a unit that starts it", () => {
    expect(readK3s(parseCloudInit("#cloud-config\nruncmd: [echo]\n"))).toBeUndefined();
  });

  test("reads drop-ins in order, replacing values or appending to them", () => {
    const k3s = read(
      server(
        { "tls-san": ["a"], "cluster-domain": "one" },
        {
          files: {
            "/etc/rancher/k3s/config.yaml.d/2.yaml": "tls-san+: [c]\n",
            "/etc/rancher/k3s/config.yaml.d/1.yaml": "tls-san+: [b]\ncluster-domain: two\n",
          },
        },
      ),
    );
    expect(k3s.tlsSans).toEqual(["a", "b", "c"]);
    expect(k3s.clusterDomain).toBe("two");
  });

  test("reads flags of the command line after the files", () => {
    const k3s = read(
      server(
        { "node-name": "one", "tls-san": ["a"] },
        {
          files: {
            "/etc/systemd/system/k3s.service":
              "ExecStart=/usr/local/bin/k3s server \\\n  --node-name=two --tls-san b\n",
          },
        },
      ),
    );
    expect(k3s.nodeName).toBe("two");
    expect(k3s.tlsSans).toEqual(["a", "b"]);
  });

  test("starts with protect-kernel-defaults when the sysctls are set and applied", () => {
    const files = { "/etc/sysctl.d/90-kubelet.conf": sysctls };
    expect(read(server({ "protect-kernel-defaults": true }, { files })).role).toBe("server");
  });
});

const audit = ["audit-policy-file=/etc/audit.yaml"];

describe("k3s does not come up", () => {
  test.each<[string, UserData, RegExp]>([
    ["with an unknown key", server({ "cluster-cdir": "10.1.0.0/16" }), /no --cluster-cdir/],
    ["with a server's key on an agent", agent({ "tls-san": ["a"] }), /k3s agent has no --tls-san/],
    [
      "with a word for a switch",
      server({ "cluster-init": "yes" }),
      /must be true or false, got "yes"/,
    ],
    ["with two values for one", server({ token: ["a", "b"] }), /token takes one value, got 2/],
    ["as an agent without a token", agent({ token: "" }), /--token is required/],
    ["as an agent without a server", agent({ server: "" }), /--server is required/],
    [
      "as a joining server without a token",
      server({ server: "https://127.0.0.9:6443" }),
      /--token is required to join/,
    ],
    [
      "when no command starts its unit",
      server({}, { commands: ["systemctl enable k3s"] }),
      /no command of the cloud-init starts the unit k3s/,
    ],
    [
      "with protect-kernel-defaults and no sysctls",
      server({ "protect-kernel-defaults": true }),
      /vm\.panic_on_oom must be 0, got the kernel's own value/,
    ],
    [
      "with protect-kernel-defaults and a wrong sysctl",
      server(
        { "protect-kernel-defaults": true },
        { files: { "/etc/sysctl.d/9.conf": sysctls.replace("=10", "=5") } },
      ),
      /kernel\.panic must be 10, got 5/,
    ],
    [
      "with sysctls that nothing applies",
      server(
        { "protect-kernel-defaults": true },
        {
          files: { "/etc/sysctl.d/9.conf": sysctls },
          commands: ["systemctl enable --now k3s"],
        },
      ),
      /no command applies the sysctls/,
    ],
    [
      "with an audit policy that is not there",
      server({ "kube-apiserver-arg": audit }),
      /--audit-policy-file: \/etc\/audit\.yaml is not on the machine/,
    ],
    [
      "with a label that only an administrator may set",
      agent({ "node-label": ["node-role.kubernetes.io/edge=true"] }),
      /unknown 'kubernetes.io' or 'k8s.io' label node-role\.kubernetes\.io\/edge/,
    ],
    ["with a label of k8s.io", agent({ "node-label": ["x.k8s.io/a=b"] }), /label x\.k8s\.io\/a/],
    ["with a taint without effect", agent({ "node-taint": ["a=b"] }), /must be key=value:effect/],
    ["with an unknown effect", agent({ "node-taint": ["a=b:Never"] }), /got "a=b:Never"/],
    [
      "with an unknown encryption provider",
      server({ "secrets-encryption-provider": "rot13" }),
      /must be aescbc or secretbox, got "rot13"/,
    ],
  ])("%s", (_, data, reason) => {
    expect(() => read(data)).toThrow(reason);
  });

  const withAuthorities = (change: (set: Authorities) => Partial<Authorities>): UserData =>
    server({}, { authorities: { ...authorities, ...change(authorities) } });

  test("with a CA's certificate and the key of another", () => {
    const mixed = withAuthorities(() => ({ "client-ca.key": others["client-ca.key"] }));
    expect(() => read(mixed)).toThrow("client-ca.crt and client-ca.key do not belong together");
  });

  test("with a CA key that is neither RSA nor ECDSA", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    expect(() => read(withAuthorities(() => ({ "server-ca.key": pem })))).toThrow(
      "server-ca.key must be an RSA or ECDSA key, got ed25519",
    );
  });

  test("with a public key in place of a CA's", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = String(publicKey.export({ type: "spki", format: "pem" }));
    expect(() => read(withAuthorities(() => ({ "server-ca.key": pem })))).toThrow(
      'server-ca.key must be a PEM "EC PRIVATE KEY", "RSA PRIVATE KEY" or "PRIVATE KEY", got "PUBLIC KEY"',
    );
  });

  test("with only a part of the CAs", () => {
    const { "service.key": _, "etcd/peer-ca.crt": __, ...part } = authorities;
    expect(() => read(server({}, { authorities: part as Authorities }))).toThrow(
      /all of the cluster's CAs or none, missing: etcd\/peer-ca\.crt, service\.key/,
    );
  });
});
