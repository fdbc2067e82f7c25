import { isObject } from "../../provider/difference";

type Step =
  | { key: string }
  | { index: number }
  | { all: true }
  | { where: string[]; equals: string };

/**
 * Selects values by the part of JSONPath that kubectl's users write: `.status.phase`, `['a.b']`, `[0]`, `[*]` and
 * `[?(@.type=="Ready")]`.
 *
 * @throws when the path has something else in it
 */
export function selectByPath(value: unknown, path: string): unknown[] {
  let selected: unknown[] = [value];
  for (const step of parsePath(path)) selected = selected.flatMap((item) => take(item, step));
  return selected;
}

function take(value: unknown, step: Step): unknown[] {
  if ("key" in step) return isObject(value) && step.key in value ? [value[step.key]] : [];
  const items: unknown[] = Array.isArray(value)
    ? value
    : isObject(value)
      ? Object.values(value)
      : [];
  if ("all" in step) return items;
  if ("index" in step) {
    const item = items.at(step.index);
    return item === undefined ? [] : [item];
  }
  return items.filter((item) => {
    const found = step.where.reduce<unknown>(
      (at, key) => (isObject(at) ? at[key] : undefined),
      item,
    );
    return String(found) === step.equals;
  });
}

const stepPattern =
  /^(?:\.([A-Za-z_][\w-]*)|\[(-?\d+)\]|\.?\[?(\*)\]?|\['((?:[^'\\]|\\.)*)'\]|\[\?\(@((?:\.[\w-]+)+)\s*==\s*["']([^"']*)["']\)\])/;

function parsePath(path: string): Step[] {
  const steps: Step[] = [];
  let rest = path.replace(/^\$/, "");
  while (rest !== "") {
    const match = stepPattern.exec(rest);
    if (!match) throw new Error(`cannot read "${rest}" in the JSONPath "${path}"`);
    const [text, key, index, all, quoted, where, equals] = match;
    if (key !== undefined) steps.push({ key });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else if (all !== undefined) steps.push({ all: true });
    else if (quoted !== undefined) steps.push({ key: quoted.replaceAll(/\\(.)/g, "$1") });
    else steps.push({ where: where!.slice(1).split("."), equals: equals! });
    rest = rest.slice(text.length);
  }
  return steps;
}
