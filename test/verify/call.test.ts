import { expect, test } from "vitest";
import { regionNames } from "../../regions";
import { readCall, WrongCall } from "../../verify/call";

test("without options every region of the sandbox is looked at", () => {
  const { kubeconfigs, timeout, json } = readCall([]);
  expect([...kubeconfigs.keys()]).toEqual([...regionNames]);
  expect(kubeconfigs.get("germany")).toBe(".sandbox/germany/kubeconfig");
  expect([timeout, json]).toEqual([30, false]);
});

test("named kubeconfigs replace the sandbox's, also when a path has an equals sign", () => {
  const words = ["--kubeconfig", "germany=a=b.yaml", "--kubeconfig", "us-west=c.yaml", "--json"];
  expect(readCall([...words, "--timeout", "5"])).toEqual({
    kubeconfigs: new Map([
      ["germany", "a=b.yaml"],
      ["us-west", "c.yaml"],
    ]),
    timeout: 5,
    json: true,
    help: false,
  });
});

test.each([
  [["--kubeconfig", "mars=x"], /--kubeconfig mars=x .* germany, us-west, singapore/],
  [["--kubeconfig", "germany="], /--kubeconfig germany= is not of the form region=path/],
  [["--kubeconfig", "germany"], /is not of the form region=path/],
  [["--kubeconfig", "germany=a"], /two regions at least/],
  [["--kubeconfig", "germany=a", "--kubeconfig", "germany=b"], /names germany twice/],
  [["--timeout", "0"], /--timeout 0 is not a number of seconds from 1 to 600/],
  [["--timeout", "soon"], /--timeout soon/],
  [["--tiemout", "3"], /--tiemout/],
  [["germany"], /germany/],
])("the call %j is refused", (words, sentence) => {
  expect(() => readCall(words)).toThrow(WrongCall);
  expect(() => readCall(words)).toThrow(sentence);
});
