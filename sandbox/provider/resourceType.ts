/** A bag of resource properties as plain JSON, secrets unwrapped. Unknown values are {@link unknown}. */
export type Properties = Record<string, unknown>;

/** Stands for a value that only a real creation can tell; the engine shows it as "known after apply". */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** One mistake in the inputs of a resource. */
export interface CheckFailure {
  /** The input at fault, for example `serverType`. Empty for the resource as a whole. */
  property: string;
  reason: string;
}

/** What a resource looks like after an operation. */
export interface ResourceState {
  id: string;
  /** Every input and every computed output. */
  outputs: Properties;
}

/** What happened to one property path, in the engine's own vocabulary. */
export interface PropertyChange {
  kind: "add" | "update" | "delete";
  replace: boolean;
}

/** What a custom {@link ResourceType.diff} found. No entry in `changes` means nothing changed. */
export interface Difference {
  /** By property path, for example `rules[0].port`. */
  changes: Record<string, PropertyChange>;
  /** Set when the replacement cannot be made while the old object exists. */
  deleteBeforeReplace?: boolean;
}

/** What the engine tells about the resource at hand. */
export interface ResourceContext {
  urn: string;
  /** The provider's own settings, for example its token. */
  config: Properties;
  /** True while nothing may be changed. */
  preview: boolean;
  /** Aborted when the engine cancels, or the resource's custom timeout passes. */
  signal: AbortSignal;
  /** The resource's custom timeout for this operation in seconds; absent when the program sets none. */
  timeoutSeconds?: number;
  /** Property paths that the program asked not to touch, for example `spec.replicas`. */
  ignoreChanges?: readonly string[];
  /** Writes a line to the user, under the resource; `info` is progress and vanishes when the operation ends. */
  log(severity: "info" | "warning" | "error", message: string): void;
}

/**
 * How one kind of resource behaves. Everything but `create` and `delete` has a default that suits most kinds.
 */
export interface ResourceType {
  /** Inputs whose change replaces the resource. */
  replaceOn?: readonly string[];
  /** Outputs that only the provider knows; unknown in the preview of a creation. */
  computed?: readonly string[];
  /** Set when an object and its replacement cannot exist side by side. */
  deleteBeforeReplace?: boolean;
  /** Fills defaults in and names every mistake; may leave unknown values alone. */
  check?(
    news: Properties,
    olds: Properties,
    context: ResourceContext,
  ):
    | { inputs: Properties; failures: CheckFailure[] }
    | Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  /** Replaces the default comparison of old and new inputs. `olds` are outputs, `oldInputs` the inputs of the last operation. */
  diff?(
    id: string,
    oldInputs: Properties,
    olds: Properties,
    news: Properties,
    context: ResourceContext,
  ): Difference | Promise<Difference>;
  /** Replaces the default outputs of a preview: the inputs, and each computed output unknown. */
  previewCreate?(inputs: Properties, context: ResourceContext): Properties | Promise<Properties>;
  /** Replaces the default outputs of an update's preview: the new inputs, and each computed output as it was. */
  previewUpdate?(
    id: string,
    olds: Properties,
    news: Properties,
    context: ResourceContext,
  ): Properties | Promise<Properties>;
  create(inputs: Properties, context: ResourceContext): ResourceState | Promise<ResourceState>;
  /** The object as it is now, or undefined when it is gone. `inputs` are empty when the user imports. */
  read?(
    id: string,
    inputs: Properties,
    outputs: Properties,
    context: ResourceContext,
  ):
    | (ResourceState & { inputs: Properties })
    | undefined
    | Promise<(ResourceState & { inputs: Properties }) | undefined>;
  /** Changes the object in place; answers its new outputs. Absent for kinds that are always replaced. */
  update?(
    id: string,
    olds: Properties,
    news: Properties,
    context: ResourceContext,
  ): Properties | Promise<Properties>;
  delete(id: string, outputs: Properties, context: ResourceContext): void | Promise<void>;
}

/** A whole provider. */
export interface Provider {
  /** Package name, for example `hcloud`. */
  name: string;
  /** Exactly the version of the npm package. */
  version: string;
  /** By type token, for example `hcloud:index/server:Server`; a kind that is not listed asks `fallback`. */
  types: Record<string, ResourceType>;
  /** Finds the type of a token that is not in `types`, for providers with very many kinds. */
  fallback?(token: string): ResourceType | undefined;
  /** Functions such as `hcloud:index/getServerType:getServerType`. */
  functions?: Record<
    string,
    (args: Properties, config: Properties) => Properties | Promise<Properties>
  >;
  /** Names every mistake in the provider's own settings. */
  checkConfig?(config: Properties): CheckFailure[];
  /** What a change of the provider's settings means; by default it replaces nothing. */
  replaceConfigOn?: readonly string[];
  /** Replaces the default comparison of old and new settings. A replacement replaces everything in the provider's care. */
  diffConfig?(olds: Properties, news: Properties): Difference;
}

/** The object was made (or changed), and then something about it did not come right. It is kept in state and the operation fails. */
export class PartialFailure extends Error {
  readonly state: ResourceState & { inputs: Properties };
  readonly reasons: string[];

  constructor(state: ResourceState & { inputs: Properties }, reasons: string[]) {
    super(reasons.join("; "));
    this.state = state;
    this.reasons = reasons;
  }
}
