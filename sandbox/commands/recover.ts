import {
  breakDeadLock,
  dropPendingOperations,
  readCheckpoint,
  removeCutOffAttributes,
} from "../engine/checkpoint";
import { deleteOrphans as deleteRecords } from "../clouds/cloudflare/orphans";
import { deleteOrphans as deleteServers } from "../clouds/hcloud/orphans";

/**
 * Clears away what a killed engine or a crashed provider left of a region: a file that was cut off, the lock of a process that is gone, objects
 * in the clouds that carry the region's mark and that its state does not know (nobody can have used them), and
 * operations recorded as begun. After that the next `up` finds nothing in its way. Does nothing where nothing is left.
 */
export async function recover(region: string): Promise<void> {
  removeCutOffAttributes(region);
  await breakDeadLock(region);
  const state = readCheckpoint(region);
  if (!state) return;
  const known = new Set((state.resources ?? []).map((resource) => resource.id ?? ""));
  const deleted = [...(await deleteServers(region, known)), ...deleteRecords(region, known)];
  for (const name of deleted)
    process.stderr.write(`${region}: deleted ${name}, which no state knew\n`);
  if ((state.pending_operations ?? []).length > 0) await dropPendingOperations(region);
}
