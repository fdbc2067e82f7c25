import * as pulumi from "@pulumi/pulumi";
import { versions } from "../../versions";
import { apiName } from "../dns/names";
import type { ClusterFacts, EtcdBackup } from "./k3sConfig";

/** An S3 bucket for etcd snapshots, with its credentials. */
export interface EtcdBackupArgs extends Omit<EtcdBackup, "folder" | "accessKey" | "secretKey"> {
  accessKey: pulumi.Input<string>;
  secretKey: pulumi.Input<string>;
}

/** What a region has settled about its cluster before there are machines. */
export interface ClusterFactsArgs {
  /** Addresses of pods (IPv4 CIDR). */
  podCidr: string;
  /** Addresses of Services (IPv4 CIDR). */
  serviceCidr: string;
  /** Domain that all names end in. */
  domain: { name: string };
  /** Where etcd snapshots go; without it they stay on the control-plane disks. */
  etcdBackup?: EtcdBackupArgs;
}

/** What every machine of a region is told alike; snapshots of each region have a folder of their own. */
export function clusterFacts(
  region: string,
  { podCidr, serviceCidr, domain, etcdBackup }: ClusterFactsArgs,
  controlPlaneAddresses: readonly pulumi.Output<string>[],
): pulumi.Output<ClusterFacts> {
  return pulumi.output({
    podCidr,
    serviceCidr,
    apiNames: [apiName(domain.name, region), ...controlPlaneAddresses],
    k3s: versions.k3s,
    ...(etcdBackup === undefined ? {} : { etcdBackup: { ...etcdBackup, folder: region } }),
  });
}
