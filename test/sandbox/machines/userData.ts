import { stringify } from "yaml";
import {
  type Authorities,
  authorityFiles,
  tlsDirectory,
} from "../../../sandbox/machines/authorities";
import { caHash } from "../../../sandbox/machines/joinToken";

/** What a test machine is told. */
export interface UserData {
  role: "server" | "agent";
  /** k3s' configuration file. */
  config: Record<string, unknown>;
  authorities?: Authorities;
  files?: Record<string, string>;
  commands?: string[];
}

/** A minimal cloud-init as the program writes it: files in base64, a systemd unit, and the command that starts it. */
export function userData({ role, config, authorities, files, commands }: UserData): string {
  const unit = role === "server" ? "k3s" : "k3s-agent";
  const all: Record<string, string> = {
    "/etc/rancher/k3s/config.yaml": stringify(config),
    [`/etc/systemd/system/${unit}.service`]: `[Service]\nExecStart=/usr/local/bin/k3s ${role}\n`,
    ...Object.fromEntries(
      authorityFiles.flatMap((file) =>
        authorities?.[file] ? [[`${tlsDirectory}/${file}`, authorities[file]]] : [],
      ),
    ),
    ...files,
  };
  return `#cloud-config\n${stringify({
    write_files: Object.entries(all).map(([path, content]) => ({
      path,
      encoding: "b64",
      permissions: "0600",
      content: Buffer.from(content).toString("base64"),
    })),
    runcmd: commands ?? ["sysctl --system", `systemctl enable --now ${unit}`],
  })}`;
}

/** A full join token for a cluster with these CAs. */
export function token(authorities: Authorities, user: "server" | "node", password: string): string {
  return `K10${caHash(authorities["server-ca.crt"])}::${user}:${password}`;
}
