import dedent from "dedent";

/** A file for `write_files` of cloud-init, as text. */
export interface HostFile {
  path: string;
  /** Octal mode. */
  permissions: string;
  content: string;
}

/** Kernel modules by reason: they must be loaded before the sysctl keys that they bring can be set. */
const modules = ["br_netfilter", "nf_conntrack", "overlay", "wireguard"];

const sysctls = dedent`
  # The kubelet refuses to start with other values (protect-kernel-defaults).
  vm.overcommit_memory = 1
  vm.panic_on_oom = 0
  kernel.panic = 10
  kernel.panic_on_oops = 1
  # Every container runtime, log reader and Grafana agent watches files; 128 watchers a user are soon gone.
  fs.inotify.max_user_instances = 8192
  fs.inotify.max_user_watches = 524288
  # One entry for each viewer's connection; a full table drops packets of everybody.
  net.netfilter.nf_conntrack_max = 1048576
  # Bytes: media servers ask for 5 MB and more to hold a burst of video packets.
  net.core.rmem_max = 16777216
  net.core.wmem_max = 16777216
  # Packets that wait for the kernel when many streams arrive in the same moment.
  net.core.netdev_max_backlog = 16384
`;

/** Files of the host itself, the same on every machine. */
export const hostFiles: readonly HostFile[] = [
  file("/etc/modules-load.d/90-meridian.conf", modules.join("\n")),
  file("/etc/sysctl.d/90-meridian.conf", sysctls),
  // The system's journal may not fill the disk that images and etcd share.
  file("/etc/systemd/journald.conf.d/90-meridian.conf", "[Journal]\nSystemMaxUse=1G"),
];

/** Commands that make the host ready, before k3s starts. */
export const hostCommands: readonly (readonly string[])[] = [
  ["systemctl", "restart", "systemd-modules-load.service"],
  ["sysctl", "--system"],
  ["systemctl", "restart", "systemd-journald.service"],
  ["swapoff", "--all"],
  // Nobody logs in to a machine: what is wrong with one is answered by a new one.
  ["systemctl", "mask", "--now", "ssh.service", "ssh.socket"],
  ["passwd", "--lock", "root"],
];

const installerPath = "/usr/local/sbin/install-k3s";

/**
 * A script that puts exactly this k3s release in place. The unit runs it before each start, so that a download that
 * failed is tried again without anybody logging in, and a binary with another checksum is never started.
 */
export function k3sInstaller(release: { version: string; sha256: string }): HostFile {
  const url = `https://github.com/k3s-io/k3s/releases/download/${encodeURIComponent(release.version)}/k3s`;
  return {
    path: installerPath,
    permissions: "0755",
    content: `${dedent`
      #!/bin/sh
      set -eu
      sum=${release.sha256}
      binary=/usr/local/bin/k3s
      if echo "$sum  $binary" | sha256sum --check --status 2>/dev/null; then exit 0; fi
      curl --fail --silent --show-error --location --retry 5 --output "$binary.new" '${url}'
      echo "$sum  $binary.new" | sha256sum --check --quiet
      chmod 755 "$binary.new"
      mv "$binary.new" "$binary"
    `}\n`,
  };
}

/** The systemd unit of k3s, and its name. */
export function k3sUnit(mode: "server" | "agent"): HostFile & { name: string } {
  const name = mode === "server" ? "k3s.service" : "k3s-agent.service";
  return {
    name,
    ...file(
      `/etc/systemd/system/${name}`,
      dedent`
        [Unit]
        Description=k3s ${mode}
        Wants=network-online.target
        After=network-online.target

        [Service]
        Type=notify
        ExecStartPre=${installerPath}
        ExecStart=/usr/local/bin/k3s ${mode}
        KillMode=process
        Delegate=yes
        LimitNOFILE=1048576
        LimitNPROC=infinity
        LimitCORE=infinity
        TasksMax=infinity
        TimeoutStartSec=0
        Restart=always
        RestartSec=5s

        [Install]
        WantedBy=multi-user.target
      `,
    ),
  };
}

function file(path: string, content: string): HostFile {
  return { path, permissions: "0644", content: `${content}\n` };
}
