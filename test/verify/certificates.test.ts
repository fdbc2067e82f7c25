import { expect, test } from "vitest";
import { createAuthorities, issueLeaf, type KeyPair } from "../../sandbox/machines/certificates";
import { certificatesIn } from "../../verify/certificates";

const day = 24 * 60 * 60 * 1000;

async function authorityAndLeaf(): Promise<{ ca: KeyPair; leaf: KeyPair }> {
  const made = await createAuthorities();
  const ca = { certificate: made["server-ca.crt"], key: made["server-ca.key"] };
  const leaf = await issueLeaf(ca, { commonName: "remote-germany", usages: ["client"] });
  return { ca, leaf };
}

const base64 = (pem: string) => Buffer.from(pem).toString("base64");

const row = (user: string, ca: KeyPair, leaf: KeyPair) =>
  `clustermesh-apiserver-${user}-cert ${base64(ca.certificate)} ${base64(leaf.certificate)}\n`;

test("a certificate says whose it is, who signed it and how long it lasts", async () => {
  const { ca, leaf } = await authorityAndLeaf();
  const [first] = certificatesIn(row("remote", ca, leaf), Date.now());
  const [later] = certificatesIn(row("remote", ca, leaf), Date.now() + 10 * day);
  expect(first).toMatchObject({
    user: "remote",
    commonName: "remote-germany",
    signedByAuthority: true,
  });
  expect(first?.authority).toMatch(/^[0-9a-f]{64}$/);
  expect(later?.daysLeft).toBe((first?.daysLeft ?? 0) - 10);
  const [ended] = certificatesIn(
    row("remote", ca, leaf),
    Date.parse(first?.validUntil ?? "") + day / 2,
  );
  expect(ended?.daysLeft).toBe(-1);
});

test("a CA of the same name that did not sign the certificate is found out", async () => {
  const [own, foreign] = [await authorityAndLeaf(), await authorityAndLeaf()];
  const [seen] = certificatesIn(row("admin", foreign.ca, own.leaf), Date.now());
  expect(seen?.signedByAuthority).toBe(false);
});

test("a Secret that is missing, empty or no certificate is left out", async () => {
  const { ca, leaf } = await authorityAndLeaf();
  const text = `${row("local", ca, leaf)}clustermesh-apiserver-admin-cert  \nclustermesh-apiserver-server-cert bm8= bm8=\n`;
  expect(certificatesIn(text, Date.now()).map(({ user }) => user)).toEqual(["local"]);
  expect(certificatesIn("", Date.now())).toEqual([]);
});
