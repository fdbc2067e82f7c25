/**
 * The certificate library's dependency tsyringe refuses to load without the metadata half of `Reflect`, which the
 * package reflect-metadata brings. Of it the library needs only the answer "nothing is known of this class".
 */
const answers = { getMetadata: () => undefined, getOwnMetadata: () => undefined };

for (const [name, value] of Object.entries(answers)) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value, configurable: true });
}
