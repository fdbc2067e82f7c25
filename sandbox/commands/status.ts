import { printTable } from "./table";

/** Prints what each region has and whether it runs. */
export async function status(regions: readonly string[]): Promise<number> {
  await printTable(regions);
  return 0;
}
