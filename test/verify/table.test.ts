import { expect, test } from "vitest";
import { lastSentence } from "../../verify/kubectl";
import { report } from "../../verify/table";
import { observed } from "./observed";

test("the table has a row for who looks and a column for who is looked at", () => {
  const { seen } = observed();
  expect(report(seen, [])).toBe(`\
Seconds until a new endpoint is seen / a deleted one is forgotten (rows look, columns are looked at)

             germany      singapore
  germany    ·            0.60 / 0.50
  singapore  0.60 / 0.50  ·

Days that the mesh certificates are still valid

             server  admin  remote  local  CA
  germany    729     729    729     729    a1b2c3d4e5f6
  singapore  729     729    729     729    a1b2c3d4e5f6

All well: 2 links.
`);
});

test("holes stand in their cells and below as sentences", () => {
  const { seen, toGermany } = observed();
  delete toGermany.appearedAfter;
  const text = report(seen, ["singapore does not see germany."]);
  expect(text).toMatch(/^ {2}singapore +HOLE +·$/m);
  expect(text).toMatch(/\nHoles:\n {2}singapore does not see germany\.\n$/);
  expect(text).not.toContain("All well");
});

test("links of a region that cannot be reached are unknown, and so are its certificates", () => {
  const { seen } = observed();
  const text = report(
    {
      ...seen,
      regions: { ...seen.regions, germany: { unreachable: "x", certificates: [] } },
      links: [],
    },
    ["x"],
  );
  expect(text).toMatch(/^ {2}germany +· +unknown$/m);
  expect(text).toMatch(/^ {2}singapore +unknown +·$/m);
  expect(text).toMatch(/^ {2}germany +none +none +none +none +none$/m);
});

test("of kubectl's words the last sentence is passed on", () => {
  const log = "E1121 07:40:36 1 memcache.go:265] couldn't get current server API group list\n";
  expect(lastSentence(`${log}Unable to connect to the server: EOF\n`)).toBe(
    "Unable to connect to the server: EOF",
  );
  expect(lastSentence("Error from server (NotFound): x\n")).toBe("Error from server (NotFound): x");
  expect(lastSentence("error: no configuration\n")).toBe("no configuration");
});
