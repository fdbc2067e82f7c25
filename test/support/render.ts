import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { vi } from "vitest";
import { parse } from "yaml";
import { secretKeys } from "../../settings";
import { canary } from "./canary";
import { recordRegistrations, type RenderedResource } from "./monitor";
import { drawer, providerAnswer } from "./providerValues";
import { asSecret } from "./secrets";

type Values = Record<string, unknown>;

/** What a program would have registered, sorted by type and name. */
export interface RenderedStack {
  resources: RenderedResource[];
  /** Outputs of the stack, secrets hidden. */
  outputs: Values;
  /** What the mocks made up, each value with the name of its resource and output. */
  made: ReadonlyMap<string, string>;
}

/** The `config:` part of a stack file, keys with their `meridian:` or `pulumi:`. */
export type StackConfig = Record<string, unknown>;

type Edit = (config: StackConfig) => StackConfig;

interface RenderOptions {
  edit?: Edit;
  seen?: RenderedResource[];
}

const project = "meridian";
const stackType = "pulumi:pulumi:Stack";

/**
 * Runs the whole program for one real stack file, without an engine or a cloud. Every declared secret is a
 * {@link canary} of its key's name; so is every secret that a provider would make up.
 *
 * It proves what the program asks for, not what a provider makes of it.
 *
 * @param edit changes the settings before the program sees them
 * @param seen is filled with every resource as it is registered, also by a program that then fails
 * @throws what the program throws, for example when a setting is wrong
 */
export async function renderStack(
  stack: string,
  { edit = unedited, seen }: RenderOptions = {},
): Promise<RenderedStack> {
  return seen === undefined ? rendered(stack, edit) : run(stack, edit(readStackFile(stack)), seen);
}

/** The settings of a committed stack file, as a fresh copy. */
function readStackFile(stack: string): StackConfig {
  return (parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: StackConfig }).config;
}

const unedited = (config: StackConfig) => config;

const renders = new Map<Edit, Map<string, Promise<RenderedStack>>>();

/** A stack as an edit leaves it; rendered once a test file for each edit function. */
function rendered(stack: string, edit: Edit): Promise<RenderedStack> {
  const byStack = renders.get(edit) ?? new Map<string, Promise<RenderedStack>>();
  const render = byStack.get(stack) ?? run(stack, edit(readStackFile(stack)));
  renders.set(edit, byStack.set(stack, render));
  return render;
}

/** What the anchor's stack answers to the others. */
const anchorAnswer: Values = {
  outputs: {
    mesh: {
      caCertificatePem: "-----BEGIN CERTIFICATE-----\nmesh\n-----END CERTIFICATE-----\n",
      caPrivateKeyPem: canary("anchor-mesh-key"),
    },
  },
};

async function run(
  stack: string,
  config: StackConfig,
  resources: RenderedResource[] = [],
): Promise<RenderedStack> {
  const draw = drawer();
  const made = new Map<string, string>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const { id, outputs } = providerAnswer({ type, name, inputs: inputs as Values, draw });
        made.set(id, `${type} ${name} id`);
        for (const [key, value] of Object.entries(outputs)) {
          made.set(String(value), `${type} ${name} ${key}`);
        }
        const request = resources.find((each) => each.type === type && each.name === name);
        for (const key of request?.secretOutputs ?? []) {
          if (key in outputs) outputs[key] = asSecret(outputs[key]);
        }
        return { id, state: { ...(inputs as Values), ...outputs } };
      },
      call: ({ token, inputs }) =>
        token === "pulumi:pulumi:readStackOutputs" ? anchorAnswer : (inputs as Values),
    },
    project,
    stack,
    false,
    "organization",
  );
  recordRegistrations(resources);
  const { texts, secrets } = asEngineGives(config);
  pulumi.runtime.setAllConfig(texts, secrets);
  vi.resetModules();
  // A program that throws inside of the stack leaves an unhandled rejection behind, so what it throws goes around it.
  const failures: unknown[] = [];
  await pulumi.runtime.runInPulumiStack(() =>
    import("../../index.js")
      .then((module) => (module as unknown as { default: () => Promise<Values> }).default())
      .catch((error: unknown) => {
        failures.push(error);
        return {};
      }),
  );
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  if (failures.length > 0) throw failures[0];
  const key = ({ type, name }: RenderedResource) => `${type} ${name}`;
  return {
    resources: resources.toSorted((a, b) => key(a).localeCompare(key(b))),
    outputs: resources.find(({ type }) => type === stackType)?.outputs ?? {},
    made,
  };
}

/** Settings as text, the way the engine hands them over, with a canary for each secret that such settings need. */
function asEngineGives(config: StackConfig) {
  const needed = secretKeys.filter(
    (key) => !key.startsWith("etcdBackup") || `${project}:etcdBackup` in config,
  );
  const secrets = needed.map((key) => `${project}:${key}`);
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  const clear = Object.entries(config).filter(([key]) => !secrets.includes(key));
  const texts = {
    ...Object.fromEntries(clear.map(([key, value]) => [key, text(value)])),
    ...Object.fromEntries(needed.map((key) => [`${project}:${key}`, canary(key)])),
  };
  return { texts, secrets };
}
