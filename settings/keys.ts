/** What is known of the `meridian:` keys of a stack file. */
export interface Keys {
  readonly stack: string;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly encrypted: ReadonlySet<string>;
  readonly groupNames: readonly string[];
  readonly secretKeys: readonly string[];
}

/** Finds undeclared keys, missing secrets and secrets in clear. No sentence repeats a value. */
export function checkKeys(keys: Keys): string[] {
  const { raw, encrypted, groupNames, secretKeys } = keys;
  const present = new Set([...Object.keys(raw), ...encrypted]);
  const undeclared = [...present]
    .filter((key) => !groupNames.includes(key) && !secretKeys.includes(key))
    .map(
      (key) =>
        `meridian:${key} is not a setting; legal keys are the groups ${groupNames.join(", ")} and the secrets ${secretKeys.join(", ")}.`,
    );
  const hidden = groupNames
    .filter((group) => encrypted.has(group))
    .map(
      (group) =>
        `meridian:${group} is stored encrypted; a group holds no secrets, so write it in clear.`,
    );
  const wanted = new Set(secretKeys.filter((key) => present.has(key) || isRequired(key, raw)));
  const secrets = [...wanted].filter((key) => !encrypted.has(key) || raw[key] === "");
  return [...undeclared, ...hidden, ...secrets.map((key) => secretMistake(key, keys))];
}

/** The credentials of the etcd backup are needed only where there is one. */
function isRequired(key: string, raw: Keys["raw"]): boolean {
  return !key.startsWith("etcdBackup") || raw["etcdBackup"] !== undefined;
}

function secretMistake(key: string, { stack, raw, encrypted }: Keys): string {
  const command = `pulumi config set --secret meridian:${key} --stack ${stack}`;
  if (raw[key] === undefined) {
    return `meridian:${key} is missing; set it with: ${command}`;
  }
  return encrypted.has(key)
    ? `meridian:${key} is empty; set it with: ${command}`
    : `meridian:${key} is a secret stored in clear; renew it where it was issued, then set it with: ${command}`;
}
