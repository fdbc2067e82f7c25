import { join } from "node:path";

/**
 * A path inside the sandbox's state directory, `.sandbox` of the checkout. Child processes are told where it is by
 * the environment variable MERIDIAN_SANDBOX, because they are started from elsewhere.
 *
 * @throws when MERIDIAN_SANDBOX is not set
 */
export const sandboxPath = (...parts: string[]) =>
  join(fromEnvironment("MERIDIAN_SANDBOX"), ...parts);

/**
 * A path inside the checkout that the sandbox runs, told to child processes by MERIDIAN_CHECKOUT.
 *
 * @throws when MERIDIAN_CHECKOUT is not set
 */
export const checkoutPath = (...parts: string[]) =>
  join(fromEnvironment("MERIDIAN_CHECKOUT"), ...parts);

function fromEnvironment(variable: string): string {
  const directory = process.env[variable];
  if (!directory) throw new Error(`${variable} is not set: start this by \`npm run sandbox\``);
  return directory;
}
