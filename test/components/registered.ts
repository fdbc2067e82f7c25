import * as pulumi from "@pulumi/pulumi";
import { recordRegistrations, type RenderedResource } from "../support/monitor";
import { asSecret } from "../support/secrets";
import { drawer, providerAnswer } from "../support/providerValues";

type Values = Record<string, unknown>;

/** What `build` would have registered, by `type name`, without the stack. */
export async function registered(build: () => unknown): Promise<Map<string, RenderedResource>> {
  const resources: RenderedResource[] = [];
  const draw = drawer();
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      const { id, outputs } = providerAnswer({ type, name, inputs: inputs as Values, draw });
      const request = resources.find((each) => each.type === type && each.name === name);
      for (const key of request?.secretOutputs ?? []) {
        if (key in outputs) outputs[key] = asSecret(outputs[key]);
      }
      return { id, state: { ...(inputs as Values), ...outputs } };
    },
    call: ({ inputs }) => inputs as Values,
  });
  recordRegistrations(resources);
  build();
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  const own = resources.filter(({ type }) => type !== "pulumi:pulumi:Stack");
  return new Map(own.map((resource) => [`${resource.type} ${resource.name}`, resource]));
}

/** One resource by its key, or an error that lists the keys there are. */
export function only(
  resources: ReadonlyMap<string, RenderedResource>,
  key: string,
): RenderedResource {
  const resource = resources.get(key);
  if (!resource) throw new Error(`no ${key} among ${[...resources.keys()].join(", ")}`);
  return resource;
}
