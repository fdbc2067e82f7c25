import { expect, test } from "vitest";
import { matchesLabels } from "../../../../sandbox/clouds/hcloud/labelSelector";

const labels = { pool: "media", region: "germany", spare: "" };

test.each([
  ["pool=media", true],
  ["pool==media", true],
  ["pool = edge", false],
  ["pool!=edge", true],
  ["absent!=edge", true],
  ["pool!=media", false],
  ["spare", true],
  ["absent", false],
  ["!absent", true],
  ["!spare", false],
  ["pool in (edge, media)", true],
  ["pool in (edge)", false],
  ["absent in (edge)", false],
  ["pool notin (edge,ingest)", true],
  ["absent notin (edge)", true],
  ["pool notin (media)", false],
  ["pool=media,region=germany", true],
  ["pool in (edge,media),region=singapore", false],
])("%s matches: %s", (selector, expected) => {
  expect(matchesLabels(selector, labels)).toBe(expected);
});
