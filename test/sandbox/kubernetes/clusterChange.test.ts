import { describe, expect, it } from "vitest";
import { diffSettings } from "../../../sandbox/kubernetes/clusterChange";
import { parseKubeconfig } from "../../../sandbox/kubernetes/kubeconfig";
import { checkSettings } from "../../../sandbox/kubernetes/settings";
import { type Properties, unknown } from "../../../sandbox/provider/resourceType";

const kubeconfig = (server: string, key = "key") => `
apiVersion: v1
kind: Config
current-context: main
contexts:
  - {name: main, context: {cluster: here, user: admin, namespace: apps}}
  - {name: bare, context: {cluster: here}}
clusters:
  - {name: here, cluster: {server: "${server}", certificate-authority-data: ${btoa("authority")}}}
users:
  - {name: admin, user: {client-certificate-data: ${btoa("certificate")}, client-key-data: ${btoa(key)}}}
`;
const here = kubeconfig("https://127.0.0.1:6443");
const there = kubeconfig("https://127.0.0.2:6443");

describe("a kubeconfig", () => {
  const connection = {
    server: "https://127.0.0.1:6443",
    namespace: "apps",
    insecure: false,
    certificateAuthority: "authority",
    clientCertificate: "certificate",
    clientKey: "key",
  };

  it("is read from YAML", () => expect(parseKubeconfig(here)).toEqual(connection));

  it("obeys the choice of a context", () => {
    const { server, insecure, certificateAuthority } = connection;
    expect(parseKubeconfig(here, { context: "bare" })).toEqual({
      server,
      insecure,
      certificateAuthority,
      namespace: "default",
    });
  });

  it.each([
    [
      here.replace("current-context: main", "current-context: other"),
      'the kubeconfig has no context "other"',
    ],
    [here.replace("user: admin,", "user: nobody,"), 'the kubeconfig has no user "nobody"'],
    [
      kubeconfig("http://127.0.0.1"),
      'the kubeconfig\'s server must be an https address, got "http://127.0.0.1"',
    ],
    ["./kubeconfig", "the kubeconfig must hold the content of a kubeconfig file"],
  ])("that is wrong is refused", (content, message) => {
    expect(() => parseKubeconfig(content)).toThrow(message);
  });
});

describe("a change of the provider's settings", () => {
  const replaces = (olds: Properties, news: Properties) =>
    Object.entries(diffSettings(olds, news).changes)
      .filter(([, { replace }]) => replace)
      .map(([path]) => path);

  it.each([
    ["another server", { kubeconfig: here }, { kubeconfig: there }, ["kubeconfig"]],
    [
      "another key",
      { kubeconfig: here },
      { kubeconfig: kubeconfig("https://127.0.0.1:6443", "new") },
      [],
    ],
    ["an unknown kubeconfig", { kubeconfig: here }, { kubeconfig: unknown }, ["kubeconfig"]],
    [
      "an unknown kubeconfig of the same cluster",
      { kubeconfig: here, clusterIdentifier: "a" },
      { kubeconfig: unknown, clusterIdentifier: "a" },
      [],
    ],
    [
      "another server of the same cluster",
      { kubeconfig: here, clusterIdentifier: "a" },
      { kubeconfig: there, clusterIdentifier: "a" },
      [],
    ],
    [
      "another cluster at the same server",
      { kubeconfig: here, clusterIdentifier: "a" },
      { kubeconfig: here, clusterIdentifier: "b" },
      ["clusterIdentifier"],
    ],
    ["a first identifier", { kubeconfig: here }, { kubeconfig: here, clusterIdentifier: "a" }, []],
    ["another switch", { kubeconfig: here }, { kubeconfig: here, enablePatchForce: "true" }, []],
  ])("to %s", (_, olds, news, expected) => expect(replaces(olds, news)).toEqual(expected));

  it("that the sandbox does not simulate is refused", () => {
    const failures = checkSettings({
      kubeconfig: here,
      enableServerSideApply: "false",
      renderYamlToDirectory: "x",
    });
    expect(failures.map(({ property }) => property)).toEqual([
      "enableServerSideApply",
      "renderYamlToDirectory",
    ]);
    expect(checkSettings({ kubeconfig: here, enableServerSideApply: "true" })).toEqual([]);
  });
});
