import { stringify } from "yaml";
import type { RenderedResource } from "./monitor";
import type { RenderedStack } from "./render";

/**
 * A stack as text for review: every resource with its options and inputs, then the stack's outputs. Secrets are
 * hidden, and program text that Pulumi stores (dynamic resources) is left out, because it depends on the compiler.
 */
export function goldenText({ resources, outputs }: RenderedStack): string {
  const shown = resources.filter(({ type }) => type !== "pulumi:pulumi:Stack").map(entry);
  return stringify({ resources: shown, outputs }, { lineWidth: 0, sortMapEntries: false });
}

function entry(resource: RenderedResource) {
  const { __provider: _programText, ...inputs } = resource.inputs;
  return {
    type: resource.type,
    name: resource.name,
    parent: resource.parent,
    ...(resource.provider && { provider: resource.provider }),
    ...(resource.protect && { protect: true }),
    ...(resource.retainOnDelete && { retainOnDelete: true }),
    ...(resource.deleteBeforeReplace && { deleteBeforeReplace: true }),
    ...(resource.ignoreChanges.length > 0 && { ignoreChanges: resource.ignoreChanges }),
    ...(Object.keys(inputs).length > 0 && { inputs: sorted(inputs) }),
    ...(resource.outputs && { outputs: sorted(resource.outputs) }),
  };
}

/** A copy with the keys of every object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
