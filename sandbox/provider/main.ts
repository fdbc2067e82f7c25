import { type Provider } from "./resourceType";
import { serve } from "./serve";

/** Every provider that the sandbox stands in for. Loaded one at a time, to start quickly. */
const providers: Record<string, () => Promise<{ provider: Provider }>> = {
  cloudflare: () => import("../clouds/cloudflare/provider.js"),
  hcloud: () => import("../clouds/hcloud/provider.js"),
  kubernetes: () => import("../kubernetes/provider.js"),
  random: () => import("../clouds/random/index.js"),
  tls: () => import("../clouds/tls/index.js"),
};

async function main(name = ""): Promise<void> {
  const load = providers[name];
  if (!load) {
    const known = Object.keys(providers).join(", ");
    throw new Error(`the sandbox has no provider "${name}"; it has ${known}`);
  }
  await serve((await load()).provider);
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
