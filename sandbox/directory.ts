import { join } from "node:path";

/**
 * A path inside the sandbox's state directory, `.sandbox` of the checkout. Child processes are told where it is by
 * the environment variable MERIDIAN_SANDBOX, because they are started from elsewhere.
 *
 * @throws when MERIDIAN_SANDBOX is not set
 */
export function sandboxPath(...parts: string[]): string {
  const root = process.env["MERIDIAN_SANDBOX"];
  if (!root) throw new Error("MERIDIAN_SANDBOX is not set: start this by `npm run sandbox`");
  return join(root, ...parts);
}
