import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinToken } from "../../../components/cluster/token";

const ca = "-----BEGIN CERTIFICATE-----\nTWVyaWRpYW4=\n-----END CERTIFICATE-----\n";

describe("joinToken", () => {
  it("hashes the literal bytes of the PEM file", () => {
    // printf -- '-----BEGIN CERTIFICATE-----\nTWVyaWRpYW4=\n-----END CERTIFICATE-----\n' | sha256sum
    expect(joinToken(ca, "node", "secret")).toBe(
      "K10baf709c498b8e09c540e2cf824c6a68d608536342205622bec4928e28c4d42a8::node:secret",
    );
  });

  it("counts the last newline, which a file on a machine has too", () => {
    expect(joinToken(ca.trimEnd(), "node", "secret")).not.toBe(joinToken(ca, "node", "secret"));
  });

  it.each([
    ["a chain", ca + ca, 2],
    ["nothing", "", 0],
  ])("refuses %s, for which k3s has another rule", (_, pem, count) => {
    expect(() => joinToken(pem, "server", "secret")).toThrow(
      `the server CA must be exactly one PEM certificate, got ${count}`,
    );
  });

  it("keeps the password whole behind the last colon", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9]{1,48}$/u), (password) => {
        const [hash, user, rest] = joinToken(ca, "server", password).split(/::?/u);
        expect(hash).toMatch(/^K10[0-9a-f]{64}$/u);
        expect([user, rest]).toEqual(["server", password]);
      }),
    );
  });
});
