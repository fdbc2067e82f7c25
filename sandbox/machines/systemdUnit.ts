/** The systemd unit that runs k3s. */
export interface Unit {
  /** Name of the systemd unit, without `.service`. */
  name: string;
  role: "server" | "agent";
  /** Flags on its command line. */
  flags: string[];
}

/** The unit among a machine's files, or undefined when nothing runs k3s. */
export function readUnit(files: Map<string, string>): Unit | undefined {
  for (const [path, content] of files) {
    const name = /^\/(?:etc|usr\/lib|lib)\/systemd\/system\/([^/]+)\.service$/.exec(path)?.[1];
    if (!name) continue;
    const joined = content.replaceAll(/\\\n/g, " ");
    const start = /^ExecStart=[-@:+!]*\S*\/k3s\s+(server|agent)\b(.*)$/m.exec(joined);
    if (start?.[1]) {
      const flags = (start[2] ?? "").trim().split(/\s+/).filter(Boolean);
      return { name, role: start[1] === "server" ? "server" : "agent", flags };
    }
  }
  return undefined;
}

/** @throws when no command starts the unit */
export function checkStarted(unit: string, commands: string[]): void {
  const names = `(?:${unit}|${unit}\\.service)`;
  const start = new RegExp(
    `systemctl\\b(?=.*\\b(?:start|restart)\\b|.*\\benable\\b.*--now|.*--now\\b.*\\benable\\b).*\\s${names}(?:\\s|$|;|&)`,
  );
  if (!commands.some((command) => command.split("\n").some((line) => start.test(line)))) {
    throw new Error(`no command of the cloud-init starts the unit ${unit}: k3s never runs`);
  }
}
