import { expect, it } from "vitest";
import { parse } from "yaml";
import { kubeconfig } from "../../../components/cluster/kubeconfig";

const facts = {
  cluster: "us-west",
  endpoint: "https://192.0.2.1:6443",
  serverCaPem: "-----BEGIN CERTIFICATE-----\nca\n-----END CERTIFICATE-----\n",
  certificatePem: "-----BEGIN CERTIFICATE-----\nadmin\n-----END CERTIFICATE-----\n",
  privateKeyPem: "-----BEGIN EC PRIVATE KEY-----\nkey\n-----END EC PRIVATE KEY-----\n",
};

const decode = (text: string) => Buffer.from(text, "base64").toString("utf8");

it("leads its one context to the cluster and to the administrator", () => {
  const config = parse(kubeconfig(facts));
  const context = config.contexts.find(
    ({ name }: { name: string }) => name === config["current-context"],
  ).context;
  const { cluster } = config.clusters.find(
    ({ name }: { name: string }) => name === context.cluster,
  );
  const { user } = config.users.find(({ name }: { name: string }) => name === context.user);
  expect(config["current-context"]).toBe("us-west");
  expect(cluster.server).toBe(facts.endpoint);
  expect(decode(cluster["certificate-authority-data"])).toBe(facts.serverCaPem);
  expect(decode(user["client-certificate-data"])).toBe(facts.certificatePem);
  expect(decode(user["client-key-data"])).toBe(facts.privateKeyPem);
});

it("keeps each value on one line, whatever its length", () => {
  const long = kubeconfig({ ...facts, serverCaPem: facts.serverCaPem.repeat(40) });
  expect(long.split("\n")).toHaveLength(kubeconfig(facts).split("\n").length);
});
