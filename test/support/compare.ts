import type { RenderedStack } from "./render";

/**
 * Everything about a stack's resources that a reader of two regions would compare, by path, without what the region's
 * name and the mocks make different.
 */
function facts(stack: RenderedStack, region: string): Map<string, string> {
  const found = new Map<string, string>();
  const made = [...stack.made].filter(([value]) => value.length > 6);
  const plain = (text: string) =>
    made
      .reduce((rest, [value, label]) => rest.replaceAll(value, `<${label}>`), text)
      .replaceAll(region, "REGION");
  const visit = (value: unknown, path: string) => {
    if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`);
    } else {
      found.set(path.replaceAll(region, "REGION"), plain(String(value)));
    }
  };
  for (const resource of stack.resources) {
    const { type, name, parent, provider, protect, ignoreChanges, inputs, outputs } = resource;
    if (type === "pulumi:pulumi:Stack") continue;
    const { __provider: _programText, ...shown } = inputs;
    visit({ parent, provider, protect, ignoreChanges, inputs: shown, outputs }, `${type} ${name}`);
  }
  return found;
}

/**
 * Where the stacks of two regions differ in more than the region's name: `<type> <path>` without the resources' names
 * and list positions, sorted.
 */
export function differences(
  [one, oneRegion]: readonly [RenderedStack, string],
  [other, otherRegion]: readonly [RenderedStack, string],
): string[] {
  const [left, right] = [facts(one, oneRegion), facts(other, otherRegion)];
  const paths = [...new Set([...left.keys(), ...right.keys()])];
  const differing = paths.filter((path) => left.get(path) !== right.get(path));
  return [...new Set(differing.map(withoutNames))].toSorted();
}

/** `type name.inputs.rules.0.port` becomes `type inputs.rules.port`. */
const withoutNames = (path: string) =>
  path.replace(/^(\S+) [^.]*\./u, "$1 ").replaceAll(/\.(\d+|REGION-[a-z-]+-\d+)(?=\.|$)/gu, "");
