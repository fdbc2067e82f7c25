import * as pulumi from "@pulumi/pulumi";
import {
  LeafCertificate,
  type LeafCertificateArgs,
  type PairInputs,
  type PairOutputs,
} from "./leafCertificate";

/** Who has a certificate in a region's mesh: its server, and the users of the servers (component-facts 2.4). */
export const meshUsers = ["server", "admin", "remote", "local"] as const;

export type MeshUser = (typeof meshUsers)[number];

export interface MeshCertificatesArgs {
  /** Name of the region. */
  region: string;
  /** The CA of the mesh. */
  authority: PairInputs;
  /** Host name by which the other regions find this one's mesh. */
  address: string;
  /** Addresses of nodes that the other regions may call directly. */
  nodeAddresses: readonly pulumi.Input<string>[];
}

/**
 * What a region shows and asks for in the mesh. The common name is the user: `remote-<region>` may read what the other
 * regions publish, `admin-<region>` and `local-<region>` are at home only.
 */
export class MeshCertificates extends pulumi.ComponentResource {
  /** By user. The keys are secret. */
  readonly pairs: Readonly<Record<MeshUser, PairOutputs>>;

  constructor(name: string, args: MeshCertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:MeshCertificates", name, {}, opts);
    const leaf = (user: MeshUser, settings: Omit<LeafCertificateArgs, "authority">) =>
      new LeafCertificate(
        `${name}-${user}`,
        { authority: args.authority, ...settings },
        { parent: this },
      ).pair;
    const client = (user: MeshUser) =>
      leaf(user, { commonName: `${user}-${args.region}`, use: "client" });
    this.pairs = {
      server: leaf("server", {
        commonName: serviceName,
        use: "server",
        // The names that Cilium's own programs use, and the ones by which the other regions come.
        dnsNames: [serviceName, "*.mesh.cilium.io", "localhost", args.address],
        ipAddresses: ["127.0.0.1", ...args.nodeAddresses],
      }),
      admin: client("admin"),
      remote: client("remote"),
      local: client("local"),
    };
    this.registerOutputs({ users: meshUsers });
  }
}

/** The mesh server's Service inside its own cluster. */
const serviceName = "clustermesh-apiserver.kube-system.svc";
