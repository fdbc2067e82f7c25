import { provider } from "../../../sandbox/kubernetes/provider";
import {
  type Properties,
  type ResourceContext,
  type ResourceState,
} from "../../../sandbox/provider/resourceType";

/** The engine's side of one resource: it keeps state and calls the provider in the order of an update. */
export class Resource {
  state: (ResourceState & { inputs: Properties }) | undefined;
  readonly lines: string[] = [];
  private readonly token: string;
  private readonly settings: Properties;

  constructor(token: string, settings: Properties) {
    this.token = token;
    this.settings = settings;
  }

  context(more: Partial<ResourceContext> = {}): ResourceContext {
    return {
      urn: `urn:pulumi:test::meridian::${this.token}::thing`,
      config: this.settings,
      preview: false,
      signal: new AbortController().signal,
      log: (severity, message) => this.lines.push(`${severity}: ${message}`),
      ...more,
    };
  }

  get type() {
    return provider.fallback!(this.token)!;
  }

  async check(news: Properties): Promise<Properties> {
    const { inputs, failures } = await this.type.check!(
      news,
      this.state?.inputs ?? {},
      this.context(),
    );
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
    return inputs;
  }

  async create(news: Properties, more: Partial<ResourceContext> = {}): Promise<Properties> {
    const inputs = await this.check(news);
    const made = await this.type.create(inputs, this.context(more));
    this.state = { inputs, ...unwrap(made) };
    return this.state.outputs;
  }

  async preview(news: Properties): Promise<Properties> {
    const inputs = await this.check(news);
    const context = this.context({ preview: true });
    const outputs = this.state
      ? await this.type.previewUpdate!(this.state.id, this.state.outputs, inputs, context)
      : await this.type.previewCreate!(inputs, context);
    return unwrap(outputs);
  }

  async diff(news: Properties, more: Partial<ResourceContext> = {}) {
    const { id, inputs, outputs } = this.state!;
    return this.type.diff!(id, inputs, outputs, await this.check(news), this.context(more));
  }

  async update(news: Properties, more: Partial<ResourceContext> = {}): Promise<Properties> {
    const inputs = await this.check(news);
    const { id, outputs } = this.state!;
    const updated = await this.type.update!(id, outputs, inputs, this.context(more));
    this.state = { id, inputs, outputs: unwrap(updated) };
    return this.state.outputs;
  }

  async refresh() {
    const { id, inputs, outputs } = this.state!;
    const found = await this.type.read!(id, inputs, outputs, this.context());
    this.state = found && unwrap(found);
    return this.state;
  }

  delete(more: Partial<ResourceContext> = {}) {
    return this.type.delete(this.state!.id, this.state!.outputs, this.context(more));
  }
}

/** Takes secrets out of their wrapping, as the engine does before it calls the provider again. */
export function unwrap<T>(value: T): T {
  if (Array.isArray(value)) return value.map(unwrap) as T;
  if (typeof value !== "object" || value === null) return value;
  if ("4dabf18193072939515e22adb298388d" in value)
    return unwrap((value as Properties)["value"]) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrap(item)])) as T;
}
