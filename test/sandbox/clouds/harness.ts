import type {
  Properties,
  Provider,
  ResourceContext,
  ResourceType,
} from "../../../sandbox/provider/resourceType";

const context: ResourceContext = {
  urn: "urn:pulumi:test::meridian::test:index:Test::test",
  config: {},
  preview: false,
  signal: new AbortController().signal,
  log: () => undefined,
};

/** Drives a provider that only computes, as the engine would: check first, then the operation. */
export function harness(provider: Provider, packageName: string) {
  const type = (kind: string): ResourceType => {
    const file = kind.charAt(0).toLowerCase() + kind.slice(1);
    const found = provider.types[`${packageName}:index/${file}:${kind}`];
    if (!found) throw new Error(`${packageName} has no kind ${kind}`);
    return found;
  };
  const check = async (kind: string, inputs: Properties) =>
    (await type(kind).check?.(inputs, {}, context)) ?? { inputs, failures: [] };
  const create = async (kind: string, given: Properties) => {
    const { inputs, failures } = await check(kind, given);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
    return { inputs, ...(await type(kind).create(inputs, context)) };
  };
  return { type, check, create, context };
}
