import { type StoredObject } from "../store";

/** What every object of a Hetzner project has. */
interface ProjectObject extends StoredObject {
  name: string;
  labels: Record<string, string>;
}

/** An address that outlives the server that has it. Which server has it is written in the server. */
export interface PrimaryIp extends ProjectObject {
  type: "ipv4" | "ipv6";
  location: string;
  ipAddress: string;
  /** The /64 of an IPv6 address, empty for IPv4. */
  ipNetwork: string;
  /** Whether it goes when its server goes. */
  autoDelete: boolean;
  deleteProtection: boolean;
}

/** A set of rules, and the servers that it is applied to, by id or by label selector. */
export interface Firewall extends ProjectObject {
  rules: Record<string, unknown>[];
  applyTos: { server?: number | undefined; labelSelector?: string | undefined }[];
}

/** Servers that never share a physical host. Its members are written in the servers. */
export interface PlacementGroup extends ProjectObject {
  type: "spread";
}

/** A machine. */
export interface Server extends ProjectObject {
  /** Its name at its creation; the machine keeps it when the server is renamed. */
  hostName: string;
  serverType: string;
  image: string;
  location: string;
  userData: string;
  /** Firewalls that name this server; those that find it by its labels are not listed. */
  firewallIds: number[];
  placementGroupId: number | null;
  /** Ids of the Primary IPs that it has. */
  primaryIps: { ipv4?: string; ipv6?: string };
  backups: boolean;
  deleteProtection: boolean;
  rebuildProtection: boolean;
  iso: string;
  rescue: string;
  /** GB. */
  primaryDiskSize: number;
  /** `initializing` until its machine has been powered on. */
  status: "initializing" | "running";
  created: string;
}

/** Every kind of object that the simulated project has, by the name that its files lie under. */
export interface Kinds {
  server: Server;
  primary_ip: PrimaryIp;
  firewall: Firewall;
  placement_group: PlacementGroup;
}

/** The name of a {@link Kinds} entry. */
export type Kind = keyof Kinds;
