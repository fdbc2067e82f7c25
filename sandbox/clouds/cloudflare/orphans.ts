import { inCloudflare } from "./dnsRecord";

/**
 * Deletes every record whose comment says that it is a region's and whose id the region's state does not know.
 *
 * @returns the kind and name of each
 */
export const deleteOrphans = (region: string, known: ReadonlySet<string>): string[] =>
  inCloudflare((store) => {
    const orphans = store
      .all("dns_record")
      .filter(({ comment, id }) => comment === `Meridian, stack ${region}` && !known.has(id));
    for (const { id } of orphans) store.remove("dns_record", id);
    return orphans.map(({ name }) => `DNS record ${name}`);
  });
