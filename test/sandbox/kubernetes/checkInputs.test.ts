import { describe, expect, it } from "vitest";
import { checkInputs } from "../../../sandbox/kubernetes/checkInputs";
import { unknown, type Properties } from "../../../sandbox/provider/resourceType";

const scope = { isNamespaced: true, namespace: "default" };
const context = {
  urn: "urn:pulumi:test::meridian::a:b:C$kubernetes:core/v1:ConfigMap::web-settings",
};
const check = (news: Properties, olds: Properties = {}, isPatch = false) =>
  checkInputs(news, olds, isPatch, scope, context);
const configMap = (metadata?: unknown) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  ...(metadata !== undefined && { metadata }),
});

describe("the name of an object", () => {
  it("is made from the resource's name and marked", () => {
    const { inputs } = check(configMap());
    expect(inputs["metadata"]).toEqual({
      name: expect.stringMatching(/^web-settings-[0-9a-f]{8}$/) as string,
      annotations: { "pulumi.com/autonamed": "true" },
      namespace: "default",
    });
  });

  it("stays once it was made", () => {
    const first = check(configMap({ annotations: { a: "b" } })).inputs;
    expect(check(configMap({ annotations: { a: "b" } }), first).inputs).toEqual(first);
  });

  it("is made anew when the program gives up a name of its own", () => {
    const { inputs } = check(configMap(), configMap({ name: "mine" }));
    expect(inputs["metadata"]).toMatchObject({
      name: expect.stringMatching(/^web-settings-/) as string,
    });
  });

  it("of the program is left alone, known or not", () => {
    expect(check(configMap({ name: "mine" })).inputs["metadata"]).toEqual({
      name: "mine",
      namespace: "default",
    });
    expect(check(configMap({ name: unknown })).inputs["metadata"]).toMatchObject({ name: unknown });
    expect(check(configMap(unknown)).inputs["metadata"]).toBe(unknown);
  });
});

describe("mistakes", () => {
  const reasons = (news: Properties, isPatch = false) =>
    check(news, {}, isPatch).failures.map(({ property, reason }) => `${property}: ${reason}`);

  it("are named", () => {
    expect(reasons({})).toEqual([
      "apiVersion: an object must name its apiVersion",
      "kind: an object must name its kind",
    ]);
    expect(reasons(configMap({ generateName: "x-" }))).toEqual([
      "metadata.generateName: server-side apply needs a name: set metadata.name, or neither and a name is made",
    ]);
    expect(reasons(configMap(), true)).toEqual([
      "metadata.name: a Patch resource must name the object that it patches",
    ]);
    expect(reasons(configMap({ annotations: { "pulumi.com/waitFor": "ready" } }))).toEqual([
      'metadata.annotations: the annotation pulumi.com/waitFor takes jsonpath={.path}=value or condition=Type, got "ready"',
    ]);
  });
});
