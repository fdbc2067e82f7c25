/** The key by which Pulumi marks a special value on the wire, and the mark of a secret. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** What stands in a recorded value for a secret. */
export const secretWord = "[secret]";

/** Wraps a value as the engine does, so that the program receives a secret. */
export const asSecret = (value: unknown) => ({ [signatureKey]: secretSignature, value });

/** A copy of a value from the wire with {@link secretWord} in the place of each secret. */
export const hideSecrets = (value: unknown): unknown => walk(value, () => secretWord);

/** A copy of a value from the wire with each secret unwrapped. */
export const revealSecrets = (value: unknown): unknown =>
  walk(value, (inner) => revealSecrets(inner));

function walk(value: unknown, onSecret: (inner: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => walk(each, onSecret));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (Object.fromEntries(entries)[signatureKey] === secretSignature) {
    return onSecret(Object.fromEntries(entries)["value"]);
  }
  return Object.fromEntries(entries.map(([key, inner]) => [key, walk(inner, onSecret)]));
}
