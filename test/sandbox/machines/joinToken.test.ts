import { createHash, X509Certificate } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { type Authorities } from "../../../sandbox/machines/authorities";
import { createAuthorities } from "../../../sandbox/machines/certificates";
import { caHash, type JoinSecrets, refuseToken } from "../../../sandbox/machines/joinToken";
import { token } from "./userData";

let authorities: Authorities;
let others: Authorities;
let cluster: JoinSecrets;
beforeAll(async () => {
  [authorities, others] = [await createAuthorities(), await createAuthorities()];
  cluster = {
    serverPassword: "for-servers",
    agentPassword: "for-agents",
    serverCa: authorities["server-ca.crt"],
  };
});

test("a server joins with the server token, in full or in short", () => {
  expect(
    refuseToken(token(authorities, "server", "for-servers"), "server", cluster),
  ).toBeUndefined();
  expect(refuseToken("for-servers", "server", cluster)).toBeUndefined();
});

test("an agent joins with the agent token and with the server token", () => {
  expect(refuseToken(token(authorities, "node", "for-agents"), "agent", cluster)).toBeUndefined();
  expect(
    refuseToken(token(authorities, "server", "for-servers"), "agent", cluster),
  ).toBeUndefined();
});

test("a server does not join with the agent token", () => {
  const refusal = refuseToken(token(authorities, "node", "for-agents"), "server", cluster);
  expect(refusal).toMatch(/401 Unauthorized: .* server token/);
});

test("a wrong password is refused", () => {
  expect(refuseToken(token(authorities, "node", "guess"), "agent", cluster)).toMatch(/401/);
});

test("the hash of another cluster's CA is refused, even with the right password", () => {
  const refusal = refuseToken(token(others, "node", "for-agents"), "agent", cluster);
  expect(refusal).toContain(
    `${caHash(others["server-ca.crt"])} != ${caHash(authorities["server-ca.crt"])}`,
  );
});

test.each([
  ["", /must not be empty/],
  ["K10abc::node:for-agents", /invalid token format/],
  [`K10${"0".repeat(64)}::for-agents`, /invalid token format/],
  [`K10${"0".repeat(64)}::node:`, /invalid token format/],
  ["abcdef.0123456789abcdef", /bootstrap tokens/],
])("the token %j is refused", (text, reason) => {
  expect(refuseToken(text, "agent", cluster)).toMatch(reason);
});

test("the hash of one certificate counts every byte of its file", () => {
  const pem = authorities["server-ca.crt"];
  expect(caHash(pem)).toBe(createHash("sha256").update(pem).digest("hex"));
  expect(caHash(pem.trimEnd())).not.toBe(caHash(pem));
});

test("the hash of a chain is that of its root's DER", () => {
  const root = others["server-ca.crt"];
  const chain = authorities["server-ca.crt"] + root;
  const der = new X509Certificate(root).raw;
  expect(caHash(chain)).toBe(createHash("sha256").update(der).digest("hex"));
});
