/** Stands at both ends of every value that must stay secret. */
const mark = "CANARYCANARY";

/**
 * A value that is easily found again, distinct for each `name`: letters and digits only, so that no quoting, escaping
 * or line break changes it, and long enough to survive the edges of base64.
 */
export function canary(name: string): string {
  const letters = Buffer.from(name).toString("hex");
  return `${mark}0${letters}0${mark}`;
}

const inClear = () => new RegExp(`${mark}0([0-9a-f]+?)0${mark}`, "gu");

const nameOf = (letters: string) => Buffer.from(letters, "hex").toString("utf8");

/** A text with each canary that stands in clear replaced by its name in brackets. */
export const maskCanaries = (text: string) =>
  text.replaceAll(inClear(), (_canary, letters: string) => `[secret ${nameOf(letters)}]`);

/** The names of all canaries that a text holds: in clear, as hex, or in base64 up to twice. */
export function canariesIn(text: string, depth = 2): string[] {
  const bare = text.replaceAll(/\s/gu, "");
  const found = [...bare.matchAll(inClear())].map((match) => nameOf(match[1] ?? ""));
  const hidden = [
    ...decoded(bare, /(?:[0-9a-f]{2}){24,}/giu, "hex"),
    ...decoded(bare, /[\w+/-]{24,}/gu, "base64"),
  ];
  const deeper = depth > 0 ? hidden.flatMap((inner) => canariesIn(inner, depth - 1)) : [];
  return [...new Set([...found, ...deeper])].toSorted();
}

/** A run of digits may begin in the middle of a group of four, so base64 is tried at each of its four offsets. */
function decoded(text: string, runs: RegExp, encoding: "hex" | "base64"): string[] {
  const offsets = encoding === "hex" ? [0, 1] : [0, 1, 2, 3];
  return [...text.matchAll(runs)].flatMap(([run]) =>
    offsets
      .map((offset) => Buffer.from(run.slice(offset), encoding).toString("latin1"))
      .filter((inner) => /[\w+/]{24,}/u.test(inner)),
  );
}

/** A text inside a value, and where it is. */
interface Place {
  path: string;
  text: string;
}

/** Every text in a value, keys of objects included. */
function textsIn(value: unknown, path: string): Place[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  const keys = Object.keys(value).map((key) => ({
    path: `${path}.${key} (the key itself)`,
    text: key,
  }));
  const inner = Object.entries(value).flatMap(([key, each]) => textsIn(each, `${path}.${key}`));
  return [...inner, ...keys];
}

/** One line for each place in a value where a canary shows. */
export function leaksIn(value: unknown, path: string): string[] {
  return textsIn(value, path).flatMap((place) =>
    canariesIn(place.text).map((name) => `${place.path} shows ${name}`),
  );
}
