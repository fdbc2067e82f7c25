import { runHelmController } from "../charts/controller";
import { runMesh } from "../mesh/mesh";
import { boot } from "./boot";

// Between two steps only, so that no process is started without being recorded.
process.on("SIGTERM", () => process.exit(143));

/** What this program does for the machine or cluster of a name. */
const commands: Readonly<Record<string, (name: string) => Promise<void>>> = {
  boot,
  "helm-controller": runHelmController,
  mesh: runMesh,
};

const [command = "", name] = process.argv.slice(2);
const run = commands[command];
if (run && name) {
  run(name).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
} else {
  process.stderr.write(
    "usage: machine boot <machine> | helm-controller <cluster> | mesh <cluster>\n",
  );
  process.exit(2);
}
