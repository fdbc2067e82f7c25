import { beforeAll, describe, expect, it } from "vitest";
import { Authorities } from "../../../components/cluster/authorities";
import type { RenderedResource } from "../../support/monitor";
import { only, registered } from "../registered";

let resources: Map<string, RenderedResource>;
const of = (type: string) => [...resources.values()].filter((each) => each.type === type);
const names = (type: string) =>
  of(type)
    .map(({ name }) => name)
    .toSorted();

const keyType = "tls:index/privateKey:PrivateKey";
const caType = "tls:index/selfSignedCert:SelfSignedCert";

beforeAll(async () => {
  resources = await registered(() => new Authorities("pki", { region: "germany", protect: true }));
});

describe("the CAs", () => {
  it("are five, each signing for itself with a key of its own", () => {
    expect(names(caType)).toEqual([
      "pki-client-ca",
      "pki-etcd-peer-ca",
      "pki-etcd-server-ca",
      "pki-request-header-ca",
      "pki-server-ca",
    ]);
    for (const { name, dependencies } of of(caType)) {
      expect(dependencies).toEqual([`${name}-key`]);
    }
  });

  it("carry the key id that k3s compares, and nothing that renews them", () => {
    for (const { inputs } of of(caType)) {
      expect(inputs).toMatchObject({ isCaCertificate: true, setSubjectKeyId: true });
      expect(inputs["allowedUses"]).toContain("cert_signing");
      expect(inputs).not.toHaveProperty("earlyRenewalHours");
      expect(inputs["validityPeriodHours"]).toBeGreaterThan(10 * 366 * 24);
    }
  });

  it("are of a kind that k3s reads: P-256, and RSA for the service key", () => {
    for (const { name, inputs } of of(keyType)) {
      const kind = name === "pki-service-key" ? ["RSA", 2048] : ["ECDSA", "P256"];
      expect([inputs["algorithm"], inputs["rsaBits"] ?? inputs["ecdsaCurve"]]).toEqual(kind);
    }
  });
});

it("protects what a cluster cannot live without, and nothing else", () => {
  const open = [...resources.values()].filter(({ custom, protect }) => custom && !protect);
  expect(open.map(({ name }) => name).toSorted()).toEqual([
    "pki-admin",
    "pki-admin-key",
    "pki-admin-request",
  ]);
});

it("makes an administrator whom the client CA vouches for, renewed half a year before the end", () => {
  const { inputs, dependencies } = only(
    resources,
    "tls:index/locallySignedCert:LocallySignedCert pki-admin",
  );
  expect(inputs).toMatchObject({ validityPeriodHours: 17_520, earlyRenewalHours: 4380 });
  expect(inputs["allowedUses"]).toContain("client_auth");
  expect(dependencies).toContain("pki-client-ca");
  expect(
    only(resources, "tls:index/certRequest:CertRequest pki-admin-request").inputs,
  ).toMatchObject({
    subject: { organization: "system:masters", commonName: "meridian-admin-germany" },
  });
});

it("makes passwords that need no quoting anywhere", () => {
  for (const { inputs } of of("random:index/randomPassword:RandomPassword")) {
    expect(inputs).toEqual({ length: 48, special: false });
  }
  expect(names("random:index/randomPassword:RandomPassword")).toEqual([
    "pki-agent-password",
    "pki-server-password",
  ]);
});

it("publishes no key and no token in clear", () => {
  const { outputs } = only(resources, "meridian:cluster:Authorities pki");
  expect(outputs).toMatchObject({
    serviceKeyPem: "[secret]",
    serverToken: "[secret]",
    agentToken: "[secret]",
    admin: { privateKeyPem: "[secret]" },
  });
});
