import { expect, test } from "vitest";
import {
  configHash,
  type HelmChart,
  type HelmValues,
  valuesFiles,
} from "../../../sandbox/charts/helmChart";

const metadata = { name: "cilium", namespace: "kube-system", uid: "1" };
const secrets = new Map([["keys", new Map([["ca.yaml", "tls: {ca: secret}\n"]])]]);

const chart = (spec: HelmChart["spec"]): HelmChart => ({ metadata, spec });

test("values are laid in the order of the controller: text, structure, Secrets, then those of the HelmChartConfig", () => {
  const layers: HelmValues[] = [
    {
      values: { b: 1 },
      valuesSecrets: [{ name: "keys", keys: ["ca.yaml"] }],
      valuesContent: "a: 1\n",
    },
    { values: { c: 1 } },
  ];
  expect(valuesFiles(layers, secrets)).toEqual([
    "a: 1\n",
    "b: 1\n",
    "tls: {ca: secret}\n",
    "c: 1\n",
  ]);
});

test("a missing Secret stops the installation unless its updates are ignored", () => {
  const source = { name: "none", keys: ["x"] };
  expect(() => valuesFiles([{ valuesSecrets: [source] }], secrets)).toThrow(
    "Secret none does not exist",
  );
  expect(valuesFiles([{ valuesSecrets: [{ ...source, ignoreUpdates: true }] }], secrets)).toEqual(
    [],
  );
  const noKey = { name: "keys", keys: ["x"] };
  expect(() => valuesFiles([{ valuesSecrets: [noKey] }], secrets)).toThrow(
    "Secret keys has no key x",
  );
});

test("a chart is installed again when its specification or a watched Secret changes, and only then", () => {
  const watched: HelmValues[] = [{ valuesSecrets: [{ name: "keys", keys: ["ca.yaml"] }] }];
  const ignored: HelmValues[] = [
    { valuesSecrets: [{ name: "keys", keys: ["ca.yaml"], ignoreUpdates: true }] },
  ];
  const changed = new Map([["keys", new Map([["ca.yaml", "other"]])]]);
  const one = chart({ chart: "cilium", version: "1.20.2" });
  const labelled = { ...one, metadata: { ...metadata, annotations: { x: "y" } } };
  expect(configHash(labelled, watched, secrets)).toBe(configHash(one, watched, secrets));
  expect(configHash(one, watched, changed)).not.toBe(configHash(one, watched, secrets));
  expect(configHash(one, ignored, changed)).toBe(configHash(one, ignored, secrets));
  const newer = chart({ chart: "cilium", version: "1.20.3" });
  expect(configHash(newer, watched, secrets)).not.toBe(configHash(one, watched, secrets));
});
