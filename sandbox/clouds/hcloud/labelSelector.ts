/**
 * Whether labels fulfil a label selector: requirements separated by commas, each of the form `key`, `!key`,
 * `key=value`, `key==value`, `key!=value`, `key in (a,b)` or `key notin (a,b)`.
 */
export function matchesLabels(selector: string, labels: Readonly<Record<string, string>>): boolean {
  return requirements(selector).every((requirement) => {
    const set = /^(\S+)\s+(in|notin)\s*\((.*)\)$/.exec(requirement);
    if (set) {
      const [, key = "", operator, list = ""] = set;
      const value = labels[key];
      const listed = value !== undefined && list.split(",").some((item) => item.trim() === value);
      return operator === "in" ? listed : !listed;
    }
    const [, key = "", operator, value = ""] =
      /^([^=!]+?)\s*(!=|==?)\s*(.*)$/.exec(requirement) ?? [];
    if (operator === "!=") return labels[key] !== value;
    if (operator) return labels[key] === value;
    return requirement.startsWith("!") ? !(requirement.slice(1) in labels) : requirement in labels;
  });
}

/** Splits at commas outside of parentheses. */
const requirements = (selector: string) =>
  selector
    .split(/,(?![^(]*\))/)
    .map((requirement) => requirement.trim())
    .filter((requirement) => requirement !== "");
