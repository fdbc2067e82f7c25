/** A range of etcd keys, from `start` to before `end`; without `end` the one key. */
export interface KeyRange {
  start: string;
  end?: string;
}

/** Who may enter a region's mesh etcd. Names are the common names of client certificates, so there are no passwords. */
export interface Accounts {
  /** Roles with what they may read; nobody but `root` may write. */
  roles: Record<string, KeyRange[]>;
  /** Users with their role. */
  users: Record<string, string>;
}

/**
 * The accounts that Cilium's `etcdinit` makes for a cluster, read from its source (pkg/kvstore/etcdinit of 1.20.2). The
 * users `remote-<peer>` are not among them: clustermesh-apiserver makes those from its list of peers.
 *
 * @param cluster Cilium's name of the cluster, for example germany
 */
export function accountsOf(cluster: string): Accounts {
  const heartbeat = prefix("cilium/.heartbeat");
  return {
    roles: {
      local: [
        heartbeat,
        prefix("cilium/cache/"),
        prefix("cilium/cluster-config/"),
        prefix("cilium/synced/"),
      ],
      remote: [
        heartbeat,
        prefix("cilium/state/"),
        { start: `cilium/cluster-config/${cluster}` },
        prefix(`cilium/synced/${cluster}/`),
      ],
    },
    users: {
      root: "root",
      [`admin-${cluster}`]: "root",
      [`local-${cluster}`]: "local",
      remote: "remote",
    },
  };
}

/** Every key that starts with a text: up to the text with its last byte one higher. */
function prefix(start: string): KeyRange {
  const last = start.length - 1;
  return { start, end: start.slice(0, last) + String.fromCodePoint(start.charCodeAt(last) + 1) };
}
