/** A place where servers and addresses can be. */
interface Location {
  networkZone: string;
  /** The first two octets that this location's simulated addresses share; all of 127.0.0.0/8 is loopback. */
  addresses: string;
}

/** Hetzner's locations (capabilities.md 4.1, row 1). The cloud's own list: it must not follow the program's. */
export const locations: Readonly<Record<string, Location>> = {
  fsn1: { networkZone: "eu-central", addresses: "127.101" },
  hil: { networkZone: "us-west", addresses: "127.102" },
  sin: { networkZone: "ap-southeast", addresses: "127.103" },
  nbg1: { networkZone: "eu-central", addresses: "127.104" },
  hel1: { networkZone: "eu-central", addresses: "127.105" },
  ash: { networkZone: "us-east", addresses: "127.106" },
};

/** Where a server goes that names no location. */
export const defaultLocation = "fsn1";

interface ServerType {
  architecture: "x86" | "arm";
  /** GB. */
  disk: number;
  locations: readonly string[];
  /** Locations that sell this type in principle, and have none left. */
  soldOut: readonly string[];
}

const europe = ["fsn1", "nbg1", "hel1"];
const america = ["ash", "hil"];
const everywhere = Object.keys(locations);

const type = (disk: number, sold: readonly string[], soldOut: readonly string[] = []) =>
  ({ architecture: "x86", disk, locations: sold, soldOut }) satisfies ServerType;
const arm = (disk: number): ServerType => ({ ...type(disk, europe), architecture: "arm" });

/** Server types with the locations that sell them (capabilities.md 4.1, the row of hetznercloud/cli#1322, 2026-04). */
export const serverTypes: Readonly<Record<string, ServerType>> = {
  ccx13: type(80, everywhere),
  ccx23: type(160, everywhere),
  ccx33: type(240, everywhere, ["ash"]),
  ccx43: type(360, everywhere, ["ash"]),
  ccx53: type(600, everywhere, ["ash"]),
  ccx63: type(960, everywhere, ["ash"]),
  cx23: type(40, europe),
  cx33: type(80, europe),
  cx43: type(160, europe),
  cx53: type(320, europe),
  cpx11: type(40, america),
  cpx21: type(80, america),
  cpx31: type(160, america),
  cpx41: type(240, america),
  cpx51: type(360, america),
  cpx12: type(40, ["sin"]),
  cpx22: type(80, [...europe, "sin"]),
  cpx32: type(160, [...europe, "sin"]),
  cpx42: type(320, [...europe, "sin"]),
  cpx52: type(480, [...europe, "sin"]),
  cpx62: type(640, [...europe, "sin"]),
  cax11: arm(40),
  cax21: arm(80),
  cax31: arm(160),
  cax41: arm(320),
};

/** Operating system images that can be named. */
export const images: ReadonlySet<string> = new Set([
  "ubuntu-22.04",
  "ubuntu-24.04",
  "ubuntu-26.04",
  "debian-12",
  "debian-13",
  "rocky-9",
  "rocky-10",
  "alma-9",
  "alma-10",
  "fedora-43",
  "fedora-44",
  "opensuse-16",
]);
