import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { MeshAuthority } from "../../../components/cluster/meshAuthority";
import { MeshCertificates } from "../../../components/cluster/meshCertificates";
import type { RenderedResource } from "../../support/monitor";
import { only, registered } from "../registered";

const keyType = "tls:index/privateKey:PrivateKey";
const caType = "tls:index/selfSignedCert:SelfSignedCert";
const requestType = "tls:index/certRequest:CertRequest";
const leafType = "tls:index/locallySignedCert:LocallySignedCert";

let resources: Map<string, RenderedResource>;
const get = (type: string, name: string) => only(resources, `${type} ${name}`);

beforeAll(async () => {
  resources = await registered(() => {
    const { pair } = new MeshAuthority("authority", { protect: true });
    return new MeshCertificates("mesh", {
      region: "germany",
      authority: pair,
      address: "germany.mesh.live.example.com",
      nodeAddresses: [pulumi.output("192.0.2.1"), pulumi.output("192.0.2.2")],
    });
  });
});

describe("the mesh's CA", () => {
  it("signs for itself, outlives its machines and is renewed by nobody", () => {
    const ca = get(caType, "authority-certificate");
    expect(ca.inputs).toMatchObject({
      isCaCertificate: true,
      setSubjectKeyId: true,
      allowedUses: ["digital_signature", "cert_signing"],
    });
    expect(ca.inputs["validityPeriodHours"]).toBeGreaterThan(10 * 366 * 24);
    expect(ca.inputs).not.toHaveProperty("earlyRenewalHours");
  });

  it("cannot be destroyed by mistake, nor can its key", () => {
    expect(get(caType, "authority-certificate").protect).toBe(true);
    expect(get(keyType, "authority-key").protect).toBe(true);
  });
});

describe("the certificates of a region", () => {
  it.each([
    ["admin", "admin-germany", ["digital_signature", "client_auth"]],
    ["remote", "remote-germany", ["digital_signature", "client_auth"]],
    ["local", "local-germany", ["digital_signature", "client_auth"]],
    ["server", "clustermesh-apiserver.kube-system.svc", ["digital_signature", "server_auth"]],
  ])("name %s as %s and allow nothing else", (user, commonName, allowedUses) => {
    expect(get(requestType, `mesh-${user}-request`).inputs["subject"]).toMatchObject({
      commonName,
    });
    expect(get(leafType, `mesh-${user}-certificate`).inputs).toMatchObject({ allowedUses });
  });

  it("let the server be called by every name and address that somebody uses", () => {
    expect(get(requestType, "mesh-server-request").inputs).toMatchObject({
      dnsNames: [
        "clustermesh-apiserver.kube-system.svc",
        "*.mesh.cilium.io",
        "localhost",
        "germany.mesh.live.example.com",
      ],
      ipAddresses: ["127.0.0.1", "192.0.2.1", "192.0.2.2"],
    });
  });

  it("are made anew by an up in their last half year of two", () => {
    const leaves = [...resources.values()].filter(({ type }) => type === leafType);
    expect(leaves).toHaveLength(4);
    for (const { inputs } of leaves) {
      expect(inputs).toMatchObject({ validityPeriodHours: 17_520, earlyRenewalHours: 4380 });
    }
  });

  it("have a key each, on the curve that Cilium reads", () => {
    const keys = [...resources.values()].filter(({ type }) => type === keyType);
    expect(keys).toHaveLength(5);
    for (const { inputs } of keys) {
      expect(inputs).toMatchObject({ algorithm: "ECDSA", ecdsaCurve: "P256" });
    }
  });
});
