import { boot } from "./boot";

// Between two steps only, so that no process is started without being recorded.
process.on("SIGTERM", () => process.exit(143));

const [command, name] = process.argv.slice(2);
if (command === "boot" && name) {
  boot(name).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
} else {
  process.stderr.write("usage: machine boot <name>\n");
  process.exit(2);
}
