import { parse } from "yaml";
import { agentFlags, type FlagKind, serverFlags } from "./k3sFlags";
import type { Unit } from "./systemdUnit";

const configFile = "/etc/rancher/k3s/config.yaml";

/**
 * Every value of every key, in order of appearance: configuration file, its drop-ins, then the command line. Real k3s
 * only warns of an unknown key of a server and stops on that of an agent; here both stop, because a setting that is
 * passed over is a mistake all the same.
 *
 * @throws when k3s does not know a key or could not read its value
 */
export function readSettings(files: Map<string, string>, unit: Unit): Map<string, string[]> {
  const known = unit.role === "server" ? serverFlags : agentFlags;
  const settings = new Map<string, string[]>();
  const dropIns = [...files.keys()]
    .filter((path) => path.startsWith(`${configFile}.d/`) && /\.ya?ml$/.test(path))
    .toSorted();
  for (const path of [configFile, ...dropIns]) {
    const content = files.get(path);
    if (content === undefined) continue;
    let yaml: unknown;
    try {
      yaml = parse(content) ?? {};
    } catch (error) {
      throw new Error(`${path} is not YAML: ${String(error)}`, { cause: error });
    }
    if (typeof yaml !== "object" || yaml === null || Array.isArray(yaml)) {
      throw new Error(`${path} must be a map of flags`);
    }
    for (const [written, value] of Object.entries(yaml)) {
      const key = written.replace(/\+$/, "");
      const values = readValues(key, value, known.get(key), unit.role, path);
      const before = written.endsWith("+") ? (settings.get(key) ?? []) : [];
      settings.set(key, [...before, ...values]);
    }
  }
  readCommandLine(unit, known, settings);
  return settings;
}

function readValues(
  key: string,
  value: unknown,
  kind: FlagKind | undefined,
  role: string,
  path: string,
): string[] {
  if (!kind) {
    throw new Error(`${path}: flag provided but not defined: k3s ${role} has no --${key}`);
  }
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.length > 1 && kind !== "list") {
    throw new Error(`${path}: ${key} takes one value, got ${values.length}`);
  }
  return values.map((one) => {
    if (typeof one === "object" && one !== null) {
      throw new Error(`${path}: ${key} takes text, got ${JSON.stringify(one)}`);
    }
    const text = String((one as string | number | boolean | null) ?? "");
    if (kind === "switch") isOn(key, text);
    return text;
  });
}

function readCommandLine(
  unit: Unit,
  known: ReadonlyMap<string, FlagKind>,
  settings: Map<string, string[]>,
): void {
  const flags = [...unit.flags];
  for (let flag = flags.shift(); flag !== undefined; flag = flags.shift()) {
    const [, key, inline] = /^--?([^=]+)(?:=(.*))?$/.exec(flag) ?? [];
    const kind = key === undefined ? undefined : known.get(key);
    if (!key || !kind) {
      throw new Error(`unit ${unit.name}: flag provided but not defined: ${flag}`);
    }
    const value = inline ?? (kind === "switch" ? "true" : flags.shift());
    if (value === undefined) throw new Error(`unit ${unit.name}: flag needs an argument: ${flag}`);
    const text = value.replaceAll(/^["']|["']$/g, "");
    settings.set(key, kind === "list" ? [...(settings.get(key) ?? []), text] : [text]);
  }
}

/** @throws when a switch is neither on nor off */
export function isOn(key: string, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (["true", "1", "t", "T", "TRUE", "True", ""].includes(value)) return true;
  if (["false", "0", "f", "F", "FALSE", "False"].includes(value)) return false;
  throw new Error(`${key} must be true or false, got "${value}"`);
}
