import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { compareInputs } from "../../../sandbox/provider/difference";
import {
  type Properties,
  type ResourceContext,
  type ResourceType,
} from "../../../sandbox/provider/resourceType";

/** Gives every test of a file an empty sandbox directory of its own. */
export function useTemporarySandbox(): void {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "meridian-clouds-"));
    process.env["MERIDIAN_SANDBOX"] = directory;
  });
  afterEach(() => {
    delete process.env["MERIDIAN_SANDBOX"];
    rmSync(directory, { recursive: true });
  });
}

/** A resource in the engine's state. */
export interface Resource {
  id: string;
  inputs: Properties;
  outputs: Properties;
}

/** Does with one kind of resource what the engine does, in the engine's order. */
export function engineOf(type: ResourceType) {
  const context: ResourceContext = {
    urn: "urn:pulumi:germany::meridian::some:index/type:Type::thing",
    config: {},
    preview: false,
    signal: new AbortController().signal,
    log: () => undefined,
  };

  /** The inputs after the provider's check; throws the reasons when it finds mistakes. */
  async function check(news: Properties, olds: Properties = {}): Promise<Properties> {
    const { inputs, failures } = await type.check!(news, olds, context);
    if (failures.length > 0) {
      throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
    }
    return inputs;
  }

  /** The paths that an update would change, each with whether it replaces the resource. */
  async function plan(resource: Resource, news: Properties): Promise<Record<string, boolean>> {
    const inputs = await check(news, resource.inputs);
    const { changes } = compareInputs(resource.inputs, inputs, type.replaceOn);
    return Object.fromEntries(
      Object.entries(changes).map(([path, { replace }]) => [path, replace]),
    );
  }

  return {
    check,
    plan,
    create: async (news: Properties): Promise<Resource> => {
      const inputs = await check(news);
      return { inputs, ...(await type.create(inputs, context)) };
    },
    update: async (resource: Resource, news: Properties): Promise<Resource> => {
      const inputs = await check(news, resource.inputs);
      const outputs = await type.update!(resource.id, resource.outputs, inputs, context);
      return { id: resource.id, inputs, outputs };
    },
    refresh: async (resource: Resource) =>
      type.read!(resource.id, resource.inputs, resource.outputs, context),
    import: async (id: string) => type.read!(id, {}, {}, context),
    delete: async (resource: Resource) => type.delete(resource.id, resource.outputs, context),
  };
}
