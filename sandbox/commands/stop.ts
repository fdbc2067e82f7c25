import { stopAll } from "../machines/power";

/** Ends every process of every region; disks and state stay. */
export async function stop(): Promise<number> {
  await stopAll();
  process.stdout.write(
    "Every machine is off. `npm run sandbox` starts them again with their data.\n",
  );
  return 0;
}
