/** One pinned piece of software. */
export interface Pin {
  /** Where its releases are: `owner/repository` on GitHub. */
  readonly name: string;
  /** The exact tag, never a range or a moving name. */
  readonly version: string;
  /** SHA-256 of the amd64 release binary, lower-case hexadecimal, where a machine downloads one. */
  readonly sha256?: string;
  /** Commit of the tag, where files are read from the repository: a tag can be moved, a commit cannot. */
  readonly commit?: string;
}

/** Operating system images by their Hetzner names. Hetzner renews an image under its name; running machines keep theirs. */
export const images = { server: "ubuntu-24.04" } as const;

/**
 * Every version this program pins. Version bots edit this object and nothing else, so the keys of a pin are always
 * in the order name, version, then sha256 or commit, and the bot's regular expressions read them all.
 */
export const versions = {
  k3s: {
    name: "k3s-io/k3s",
    version: "v1.36.4+k3s1",
    sha256: "835873f37245fc615f547a2fe2af9402a347875f13fa64a1f136de644955ea3f",
  },
  cilium: { name: "cilium/cilium", version: "1.20.2" },
  gatewayApi: {
    name: "kubernetes-sigs/gateway-api",
    version: "v1.6.1",
    commit: "8bb74df00e56ec8f944d48c25e6c1c9c2f6848e3",
  },
} as const satisfies Record<string, Pin>;

/** Container images that this program runs itself, by tag and digest; the images of charts are the charts' own. */
export const containers = {
  kubectl:
    "registry.k8s.io/kubectl:v1.36.4@sha256:b8d523e7b8cdc5e3caa0f8891ee9f504abf137dec786e6e0ddd33e4f272c2f13",
} as const;

/** One pinned chart. */
export interface ChartPin {
  /** URL of its repository. */
  readonly repo: string;
  /** Its name there. */
  readonly chart: string;
  /** The exact version, never a range. */
  readonly version: string;
}

/** Every chart, one a line, with its keys in the order repo, chart, version. */
export const charts = {
  cilium: { repo: "https://helm.cilium.io", chart: "cilium", version: versions.cilium.version },
  cloudController: {
    repo: "https://charts.hetzner.cloud",
    chart: "hcloud-cloud-controller-manager",
    version: "1.35.0",
  },
  volumes: { repo: "https://charts.hetzner.cloud", chart: "hcloud-csi", version: "2.22.1" },
  certManager: { repo: "https://charts.jetstack.io", chart: "cert-manager", version: "v1.21.1" },
} as const satisfies Record<string, ChartPin>;

/** The versions that must move together. */
export type Versions = Readonly<Record<"k3s" | "cilium" | "gatewayApi", Pin>>;

/** What one minor version of Cilium works with. */
export interface Compatibility {
  readonly cilium: string;
  /** Kubernetes minors that Cilium tests this version on (Cilium's own page "Kubernetes Compatibility" at that tag). */
  readonly kubernetes: readonly string[];
  /** Gateway API minor whose definitions this Cilium reads, with the first patch that has them all (component-facts.md 2.7). */
  readonly gatewayApi: { readonly minor: string; readonly fromPatch: number };
}

/** One row for each minor version of Cilium that this program has been pinned to or may next be. */
export const compatibility: readonly Compatibility[] = [
  {
    cilium: "1.20",
    kubernetes: ["1.33", "1.34", "1.35", "1.36"],
    gatewayApi: { minor: "1.6", fromPatch: 1 },
  },
  {
    cilium: "1.19",
    kubernetes: ["1.32", "1.33", "1.34", "1.35"],
    gatewayApi: { minor: "1.4", fromPatch: 1 },
  },
];

/** Finds every pair of pins that do not work together, one sentence each; an empty list means that all do. */
export function checkVersions(
  pins: Versions = versions,
  table: readonly Compatibility[] = compatibility,
): string[] {
  const { k3s, cilium, gatewayApi } = pins;
  const row = table.find((candidate) => candidate.cilium === minor(cilium.version));
  if (row === undefined) {
    const known = table.map((candidate) => candidate.cilium).join(", ");
    return [
      `Cilium ${cilium.version} has no row in the compatibility table of versions.ts, which knows ${known}.`,
    ];
  }
  const mistakes: string[] = [];
  if (!row.kubernetes.includes(minor(k3s.version))) {
    mistakes.push(
      `Cilium ${cilium.version} is tested on Kubernetes ${row.kubernetes.join(", ")}, but k3s is pinned to ${k3s.version}.`,
    );
  }
  const { minor: wanted, fromPatch } = row.gatewayApi;
  if (minor(gatewayApi.version) !== wanted || patch(gatewayApi.version) < fromPatch) {
    mistakes.push(
      `Cilium ${cilium.version} needs Gateway API ${wanted}.${fromPatch} or a later patch of ${wanted}, but it is pinned to ${gatewayApi.version}.`,
    );
  }
  return mistakes;
}

/** "v1.36.4+k3s1" to "1.36". */
function minor(version: string): string {
  return version.replace(/^v/, "").split(".").slice(0, 2).join(".");
}

/** "v1.36.4+k3s1" to 4. */
function patch(version: string): number {
  return Number.parseInt(version.split(".")[2] ?? "0", 10);
}
