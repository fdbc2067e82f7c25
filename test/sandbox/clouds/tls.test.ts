import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import * as x509 from "../../../sandbox/clouds/tls/x509";
import { afterEach, describe, expect, it, vi } from "vitest";
import { provider } from "../../../sandbox/clouds/tls/index";
import type { Properties } from "../../../sandbox/provider/resourceType";
import { harness } from "./harness";

const { check, create, type, context } = harness(provider, "tls");

const text = (outputs: Properties, key: string) => String(outputs[key]);

const newKey = async (algorithm = "ECDSA", more: Properties = { ecdsaCurve: "P256" }) =>
  (await create("PrivateKey", { algorithm, ...more })).outputs;

const caInputs = (privateKeyPem: string): Properties => ({
  privateKeyPem,
  subject: { commonName: "germany client-ca", organization: "Meridian" },
  allowedUses: ["digital_signature", "key_encipherment", "cert_signing"],
  isCaCertificate: true,
  setSubjectKeyId: true,
  validityPeriodHours: 87_600,
});

async function newAuthority(algorithm?: string, more?: Properties) {
  const key = await newKey(algorithm, more);
  const certificate = await create("SelfSignedCert", caInputs(text(key, "privateKeyPem")));
  return { key, certificate: certificate.outputs };
}

async function newRequest(privateKeyPem: string) {
  const { outputs } = await create("CertRequest", {
    privateKeyPem,
    subject: { commonName: "admin", organization: "system:masters" },
    dnsNames: ["api.germany.live.example.com"],
    ipAddresses: ["192.0.2.1", "2001:db8::1"],
    uris: ["spiffe://example.com/admin"],
  });
  return text(outputs, "certRequestPem");
}

const leafInputs = (caCertPem: string, caPrivateKeyPem: string, certRequestPem: string) => ({
  caCertPem,
  caPrivateKeyPem,
  certRequestPem,
  allowedUses: ["digital_signature", "client_auth"],
  validityPeriodHours: 17_520,
  earlyRenewalHours: 4_380,
});

afterEach(() => {
  vi.useRealTimers();
});

describe("PrivateKey", () => {
  it.each([
    ["RSA", {}, "RSA PRIVATE KEY", "ssh-rsa"],
    ["ECDSA", { ecdsaCurve: "P256" }, "EC PRIVATE KEY", "ecdsa-sha2-nistp256"],
    ["ECDSA", { ecdsaCurve: "P384" }, "EC PRIVATE KEY", "ecdsa-sha2-nistp384"],
    ["ECDSA", { ecdsaCurve: "P521" }, "EC PRIVATE KEY", "ecdsa-sha2-nistp521"],
    ["ED25519", {}, "PRIVATE KEY", "ssh-ed25519"],
  ])("%s %j comes as %s, as PKCS8 and for OpenSSH", async (algorithm, more, header, ssh) => {
    const key = await newKey(algorithm, more);
    expect(text(key, "privateKeyPem")).toMatch(
      new RegExp(`^-----BEGIN ${header}-----\n[^]*-----END ${header}-----\n$`),
    );
    expect(text(key, "privateKeyPemPkcs8")).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(text(key, "publicKeyOpenssh")).toMatch(new RegExp(`^${ssh} [A-Za-z0-9+/=]+\n$`));
    expect(text(key, "publicKeyFingerprintMd5")).toMatch(/^([\da-f]{2}:){15}[\da-f]{2}$/);
    expect(text(key, "publicKeyFingerprintSha256")).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    for (const form of ["privateKeyPem", "privateKeyPemPkcs8"]) {
      const spki = createPublicKey(createPrivateKey(text(key, form))).export({
        type: "spki",
        format: "pem",
      });
      expect(spki).toBe(key["publicKeyPem"]);
    }
  });

  it("takes P224 and 2048 bits when nothing is said, and gives P224 no OpenSSH form", async () => {
    const { inputs, outputs } = await create("PrivateKey", { algorithm: "ECDSA" });
    expect(inputs).toMatchObject({ ecdsaCurve: "P224", rsaBits: 2048 });
    expect(outputs).toMatchObject({ publicKeyOpenssh: "", publicKeyFingerprintMd5: "" });
  });

  it.each([
    [{ algorithm: "DSA" }, 'algorithm must be one of RSA, ECDSA, ED25519, got "DSA"'],
    [{}, "algorithm must be one of RSA, ECDSA, ED25519, got nothing"],
    [
      { algorithm: "ECDSA", ecdsaCurve: "P25519" },
      'ecdsaCurve must be one of P224, P256, P384, P521, got "P25519"',
    ],
  ])("refuses %j", async (inputs, reason) => {
    const { failures } = await check("PrivateKey", inputs);
    expect(failures.map((failure) => failure.reason)).toEqual([reason]);
  });
});

describe("a chain", () => {
  it.each([
    ["RSA", {}],
    ["ECDSA", { ecdsaCurve: "P256" }],
    ["ECDSA", { ecdsaCurve: "P384" }],
    ["ED25519", {}],
  ])("verifies from a %s %j CA to a leaf", async (algorithm, more) => {
    const ca = await newAuthority(algorithm, more);
    const request = await newRequest(text(await newKey(), "privateKeyPem"));
    const caPem = text(ca.certificate, "certPem");
    const { outputs } = await create(
      "LocallySignedCert",
      leafInputs(caPem, text(ca.key, "privateKeyPem"), request),
    );
    const leaf = new X509Certificate(text(outputs, "certPem"));
    const root = new X509Certificate(caPem);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(root.ca).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(outputs["caKeyAlgorithm"]).toBe(algorithm);
    expect(ca.certificate["keyAlgorithm"]).toBe(algorithm);
  });

  it("takes a CA key in PKCS8 form as well", async () => {
    const ca = await newAuthority();
    const request = await newRequest(text(await newKey(), "privateKeyPemPkcs8"));
    const inputs = leafInputs(
      text(ca.certificate, "certPem"),
      text(ca.key, "privateKeyPemPkcs8"),
      request,
    );
    const { outputs } = await create("LocallySignedCert", inputs);
    expect(text(outputs, "certPem")).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
  });

  it("refuses the key of another CA", async () => {
    const [ca, other] = [await newAuthority(), await newAuthority()];
    const request = await newRequest(text(await newKey(), "privateKeyPem"));
    const inputs = leafInputs(
      text(ca.certificate, "certPem"),
      text(other.key, "privateKeyPem"),
      request,
    );
    await expect(create("LocallySignedCert", inputs)).rejects.toThrow(
      "caPrivateKeyPem is not the key of the certificate in caCertPem",
    );
  });

  it("refuses what is no key, no certificate and no request", async () => {
    const ca = await newAuthority();
    const [certificate, key] = [text(ca.certificate, "certPem"), text(ca.key, "privateKeyPem")];
    const request = await newRequest(key);
    await expect(
      create("LocallySignedCert", leafInputs(certificate, "?", request)),
    ).rejects.toThrow("caPrivateKeyPem must be a private key in PEM form (PKCS1, SEC1 or PKCS8)");
    await expect(create("LocallySignedCert", leafInputs("?", key, request))).rejects.toThrow(
      "caCertPem must be a certificate in PEM form",
    );
    await expect(create("LocallySignedCert", leafInputs(certificate, key, "?"))).rejects.toThrow(
      "certRequestPem must be a certificate request in PEM form",
    );
  });
});

describe("what a certificate says", () => {
  async function leafAndRoot() {
    const ca = await newAuthority();
    const request = await newRequest(text(await newKey(), "privateKeyPem"));
    const caPem = text(ca.certificate, "certPem");
    const inputs = {
      ...leafInputs(caPem, text(ca.key, "privateKeyPem"), request),
      setSubjectKeyId: true,
    };
    const leaf = await create("LocallySignedCert", inputs);
    return { leaf, caPem, leafPem: text(leaf.outputs, "certPem") };
  }

  it("has subject and alternative names of the request, and the CA as issuer", async () => {
    const { leafPem } = await leafAndRoot();
    const leaf = new X509Certificate(leafPem);
    expect(leaf.subject).toBe("O=system:masters\nCN=admin");
    expect(leaf.issuer).toBe("O=Meridian\nCN=germany client-ca");
    expect(leaf.subjectAltName).toBe(
      "DNS:api.germany.live.example.com, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, URI:spiffe://example.com/admin",
    );
  });

  it("has the allowed uses, split into key usage (critical) and extended key usage", async () => {
    const { leafPem, caPem } = await leafAndRoot();
    const [leaf, root] = [new x509.X509Certificate(leafPem), new x509.X509Certificate(caPem)];
    const { digitalSignature, keyEncipherment, keyCertSign } = x509.KeyUsageFlags;
    const leafUse = leaf.getExtension(x509.KeyUsagesExtension);
    expect(leafUse).toMatchObject({ usages: digitalSignature, critical: true });
    const rootUse = root.getExtension(x509.KeyUsagesExtension);
    expect(rootUse?.usages).toBe(digitalSignature | keyEncipherment | keyCertSign);
    expect(leaf.getExtension(x509.ExtendedKeyUsageExtension)?.usages).toEqual([
      "1.3.6.1.5.5.7.3.2",
    ]);
    expect(root.getExtension(x509.ExtendedKeyUsageExtension)).toBeNull();
  });

  it("has key identifiers that lead from leaf to CA", async () => {
    const { leafPem, caPem } = await leafAndRoot();
    const [leaf, root] = [new x509.X509Certificate(leafPem), new x509.X509Certificate(caPem)];
    const rootId = root.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
    expect(rootId).toMatch(/^[\da-f]{40}$/);
    expect(leaf.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId).toBe(rootId);
    expect(leaf.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId).not.toBe(rootId);
    expect(root.getExtension(x509.AuthorityKeyIdentifierExtension)).toBeNull();
  });

  it("names itself as authority when a self-signed certificate is asked to", async () => {
    const key = await newKey();
    const inputs = {
      ...caInputs(text(key, "privateKeyPem")),
      setAuthorityKeyId: true,
      maxPathLength: 0,
    };
    const root = new x509.X509Certificate(
      text((await create("SelfSignedCert", inputs)).outputs, "certPem"),
    );
    const own = root.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
    expect(root.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId).toBe(own);
    expect(root.getExtension(x509.BasicConstraintsExtension)).toMatchObject({
      ca: true,
      pathLength: 0,
      critical: true,
    });
  });

  it("has the serial number as its id and ends after the given hours", async () => {
    const { leaf, leafPem } = await leafAndRoot();
    const certificate = new X509Certificate(leafPem);
    expect(BigInt(`0x${certificate.serialNumber}`).toString()).toBe(leaf.id);
    const { validityStartTime, validityEndTime } = leaf.outputs;
    expect(validityStartTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Date.parse(certificate.validFrom)).toBe(Date.parse(String(validityStartTime)));
    expect(Date.parse(certificate.validTo)).toBe(Date.parse(String(validityEndTime)));
    expect(Date.parse(String(validityEndTime)) - Date.parse(String(validityStartTime))).toBe(
      17_520 * 3_600_000,
    );
  });

  it("keeps every field of a subject, in Go's order", async () => {
    const { outputs } = await create("SelfSignedCert", {
      ...caInputs(text(await newKey(), "privateKeyPem")),
      subject: {
        commonName: '#1 "x", y',
        country: "DE",
        emailAddress: "ops@example.com",
        locality: "Falkenstein",
        organization: "Zürich & Söhne",
        organizationalUnit: "Live",
        postalCode: "08223",
        province: "Sachsen",
        serialNumber: "7",
        streetAddresses: ["Am Datacenter-Park 1"],
      },
    });
    const name = new x509.X509Certificate(text(outputs, "certPem")).subjectName;
    expect(name.toJSON().map((part) => Object.values(part)[0]?.[0])).toEqual([
      "DE",
      "Zürich & Söhne",
      "Live",
      "Falkenstein",
      "Sachsen",
      "Am Datacenter-Park 1",
      "08223",
      '#1 "x", y',
      "7",
      "ops@example.com",
    ]);
  });

  it.each([
    [{ allowedUses: ["serve"] }, /^allowed use must be one of digital_signature, .*, got serve$/],
    [{ validityPeriodHours: -1 }, /^validityPeriodHours must be at least 0, got -1$/],
    [{ privateKeyPem: null }, /^privateKeyPem is required$/],
    [{ allowedUses: null }, /^allowedUses is required$/],
  ])("refuses %j", async (mistake, reason) => {
    const { failures } = await check("SelfSignedCert", { ...caInputs("pem"), ...mistake });
    expect(failures.map((failure) => failure.reason)).toEqual([expect.stringMatching(reason)]);
  });
});

describe("renewal", () => {
  const hours = (count: number) => count * 3_600_000;

  async function certificate() {
    const key = await newKey();
    return create("SelfSignedCert", {
      ...caInputs(text(key, "privateKeyPem")),
      validityPeriodHours: 100,
      earlyRenewalHours: 10,
    });
  }

  const diff = async (
    { id, inputs, outputs }: Awaited<ReturnType<typeof certificate>>,
    news: Properties,
  ) => (await type("SelfSignedCert").diff!(id, inputs, outputs, news, context)).changes;

  it("changes nothing while a certificate is young", async () => {
    const made = await certificate();
    vi.useFakeTimers({ now: Date.now() + hours(89), toFake: ["Date"] });
    expect(await diff(made, made.inputs)).toEqual({});
    const read = await type("SelfSignedCert").read!(made.id, made.inputs, made.outputs, context);
    expect(read?.outputs).toEqual(made.outputs);
  });

  it("is seen by a refresh, and the next update replaces the certificate", async () => {
    const made = await certificate();
    expect(made.outputs["readyForRenewal"]).toBe(false);
    vi.useFakeTimers({ now: Date.now() + hours(91), toFake: ["Date"] });
    const read = await type("SelfSignedCert").read!(made.id, made.inputs, made.outputs, context);
    expect(read?.outputs).toEqual({ ...made.outputs, readyForRenewal: true });
    expect(await diff(made, made.inputs)).toEqual({
      readyForRenewal: { kind: "update", replace: true },
    });
  });

  it("of a longer warning updates in place unless the certificate is due by it", async () => {
    const made = await certificate();
    expect(await diff(made, { ...made.inputs, earlyRenewalHours: 20 })).toEqual({
      earlyRenewalHours: { kind: "update", replace: false },
    });
    const due = await diff(made, { ...made.inputs, earlyRenewalHours: 101 });
    expect(due["readyForRenewal"]).toEqual({ kind: "update", replace: true });
    const news = { ...made.inputs, earlyRenewalHours: 20 };
    const updated = await type("SelfSignedCert").update!(made.id, made.outputs, news, context);
    expect(updated).toEqual({ ...made.outputs, earlyRenewalHours: 20 });
  });

  it("is not the only cause of a replacement: any other input is one too", async () => {
    const made = await certificate();
    const news = { ...made.inputs, allowedUses: ["cert_signing"], dnsNames: ["a.example.com"] };
    const changes = Object.values(await diff(made, news));
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.every(({ replace }) => replace)).toBe(true);
  });
});
