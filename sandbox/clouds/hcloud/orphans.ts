import { powerOff } from "../../machines/power";
import { inProject } from "./project";
import { removeServer } from "./serverChanges";

const kinds = ["server", "primary_ip", "placement_group", "firewall"] as const;

/**
 * Deletes, protection or not, every object that carries a region's label and whose id the region's state does not know.
 *
 * @returns the kind and name of each
 */
export async function deleteOrphans(region: string, known: ReadonlySet<string>): Promise<string[]> {
  const orphans = inProject((project) =>
    kinds.flatMap((kind) =>
      project
        .all(kind)
        .filter(({ id, labels }) => labels["meridian.dev/region"] === region && !known.has(id))
        .map(({ id, name }) => ({ kind, id, name })),
    ),
  );
  for (const { kind, id, name } of orphans) {
    if (kind === "server") await powerOff({ id, name });
    inProject((project) => {
      const server = kind === "server" ? project.get(kind, id) : undefined;
      if (server) removeServer(project, server);
      else project.remove(kind, id);
    });
  }
  return orphans.map(({ kind, name }) => `${kind} ${name}`);
}
