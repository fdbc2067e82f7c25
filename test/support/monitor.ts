import * as pulumi from "@pulumi/pulumi";
import { hideSecrets, revealSecrets } from "./secrets";

type Values = Record<string, unknown>;

/** A resource as the program registered it. */
export interface RenderedResource {
  type: string;
  name: string;
  /** Name of the parent; of a resource without one, the stack's. Empty for the stack itself. */
  parent: string;
  /** Name of the provider resource, or empty for a default provider. */
  provider: string;
  custom: boolean;
  protect: boolean;
  retainOnDelete: boolean;
  deleteBeforeReplace: boolean;
  ignoreChanges: string[];
  aliases: number;
  /** Outputs that the resource's class declares secret. */
  secretOutputs: string[];
  /** Names of the resources that this one waits for. */
  dependencies: string[];
  /** Secrets hidden. */
  inputs: Values;
  /** Secrets in clear: only for tests of what a machine is told. */
  revealedInputs: Values;
  /** What a component registered at the end of its constructor, secrets hidden; undefined when it did not. */
  outputs: Values | undefined;
  urn: string;
}

interface Struct {
  toJavaScript(): Values;
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getCustom(): boolean;
  getProtect(): boolean | undefined;
  getRetainondelete(): boolean | undefined;
  getDeletebeforereplace(): boolean;
  getIgnorechangesList(): string[];
  getAliasesList(): unknown[];
  getAdditionalsecretoutputsList(): string[];
  getDependenciesList(): string[];
  getObject(): Struct | undefined;
}

interface OutputsRequest {
  getUrn(): string;
  getOutputs(): Struct | undefined;
}

type Done<Response> = (error: unknown, response: Response | undefined) => void;

interface Monitor {
  registerResource(request: RegisterRequest, done: Done<{ getUrn(): string }>): void;
  registerResourceOutputs(request: OutputsRequest, done: Done<unknown>): void;
}

const nameOf = (urn: string) => urn.split("::")[3] ?? "";

/**
 * Listens to the mock monitor, whose own arguments hide parents, options and registered outputs.
 *
 * @param resources fills while the program runs; a resource is in it before the mock is asked about it
 */
export function recordRegistrations(resources: RenderedResource[]): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const registerResource = monitor.registerResource.bind(monitor);
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);

  monitor.registerResource = (request, done) => {
    const inputs = request.getObject()?.toJavaScript() ?? {};
    const resource: RenderedResource = {
      type: request.getType(),
      name: request.getName(),
      parent: nameOf(request.getParent()),
      provider: nameOf(request.getProvider()),
      custom: request.getCustom(),
      protect: request.getProtect() ?? false,
      retainOnDelete: request.getRetainondelete() ?? false,
      deleteBeforeReplace: request.getDeletebeforereplace(),
      ignoreChanges: request.getIgnorechangesList().toSorted(),
      aliases: request.getAliasesList().length,
      secretOutputs: request.getAdditionalsecretoutputsList(),
      dependencies: request.getDependenciesList().map(nameOf).toSorted(),
      inputs: hideSecrets(inputs) as Values,
      revealedInputs: revealSecrets(inputs) as Values,
      outputs: undefined,
      urn: "",
    };
    resources.push(resource);
    registerResource(request, (error, response) => {
      resource.urn = response?.getUrn() ?? "";
      done(error, response);
    });
  };
  monitor.registerResourceOutputs = (request, done) => {
    const resource = resources.find(({ urn }) => urn === request.getUrn());
    const outputs = request.getOutputs();
    if (resource && outputs) {
      resource.outputs = hideSecrets(outputs.toJavaScript()) as Values;
    }
    registerOutputs(request, done);
  };
}
