/**
 * Flags of a control plane component: k3s' own, changed by what the user wrote. As in k3s, a flag of the user takes
 * the place of k3s' own, `name+=value` is added after it and `name-=value` before it; a repeated flag is passed as
 * often as it was written.
 *
 * @param own flags that k3s passes
 * @param extra the user's, as `name=value`, with or without leading dashes
 */
export function kubeArgs(own: Record<string, string>, extra: string[]): string[] {
  const flags = new Map(Object.entries(own).map(([name, value]) => [name, [value]]));
  const replaced = new Set<string>();
  for (const arg of extra) {
    const [written = "", ...rest] = arg.replace(/^--/, "").split("=");
    const value = rest.length > 0 ? rest.join("=") : "true";
    const name = written.replace(/[+-]$/, "");
    const before = flags.get(name) ?? [];
    if (before.length > 0 && written.endsWith("+")) flags.set(name, [[...before, value].join(",")]);
    else if (before.length > 0 && written.endsWith("-"))
      flags.set(name, [[value, ...before].join(",")]);
    else flags.set(name, replaced.has(name) ? [...before, value] : [value]);
    replaced.add(name);
  }
  return [...flags].flatMap(([name, values]) => values.map((value) => `--${name}=${value}`));
}
