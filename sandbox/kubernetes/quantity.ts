/** Factors of the suffixes that a Kubernetes quantity may have. */
const factors: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Fields of built-in kinds that are a quantity, or hold quantities by resource name. */
const quantityFields = new Set([
  "averageValue",
  "capacity",
  "default",
  "defaultRequest",
  "divisor",
  "hard",
  "limits",
  "max",
  "maxLimitRequestRatio",
  "min",
  "overhead",
  "podFixed",
  "requests",
  "sizeLimit",
  "value",
]);

/** True when both are the same amount in different spelling, such as `0.5` and `500m`, at a place where amounts stand. */
export function isSameQuantity(
  path: readonly (string | number)[],
  a: unknown,
  b: unknown,
): boolean {
  // `data.max` of a ConfigMap or `env[0].value` is text, whatever it looks like.
  if (path[0] !== "spec" || path.includes("env")) return false;
  if (!path.slice(-2).some((key) => quantityFields.has(String(key)))) return false;
  const [left, right] = [parseQuantity(a), parseQuantity(b)];
  return left !== undefined && left === right;
}

/** The amount that a quantity stands for, for example 0.5 for `500m`; undefined when it is none. */
export function parseQuantity(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const [, digits, suffix = ""] =
    /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(value) ?? [];
  return digits === undefined
    ? undefined
    : Number((Number(digits) * factors[suffix]!).toPrecision(15));
}
