import { defaultLocation, images, locations, serverTypes } from "./catalogue";
import { type PrimaryIp, type Server } from "./objects";
import { demandPlace } from "./placementGroup";
import { addPrimaryIp, serverOf } from "./primaryIp";
import { apiError, demandFreeName, find, type Project } from "./project";
import { type PublicNet, type ServerInputs } from "./serverInputs";

/**
 * Stores a new server, with addresses of its own where none were given. Its machine is still off.
 *
 * @throws as the API does, for example `uniqueness_error`, `resource_unavailable` or `placement_error`
 */
export function addServer(project: Project, inputs: ServerInputs): Server {
  demandFreeName(project, "server", inputs.name);
  const type = knownType(inputs.serverType);
  const nets = inputs.publicNets ?? [{ ipv4Enabled: true, ipv6Enabled: true }];
  const given = nets.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]).find((id) => id !== undefined);
  const location =
    inputs.location ??
    (given === undefined ? defaultLocation : find(project, "primary_ip", given).location);
  demandSold(inputs.serverType, location);
  if (!images.has(inputs.image)) {
    throw apiError("invalid_input", `image "${inputs.image}" of server "${inputs.name}" not found`);
  }
  for (const id of inputs.firewallIds ?? []) find(project, "firewall", id);
  // No machine here is reached by SSH, so the simulated project has no keys.
  const [key] = inputs.sshKeys ?? [];
  if (key !== undefined) throw apiError("not_found", `ssh_key "${key}" not found`);
  if (inputs.placementGroupId !== undefined) demandPlace(project, inputs.placementGroupId);
  const server: Server = {
    id: project.nextId(),
    name: inputs.name,
    hostName: inputs.name,
    serverType: inputs.serverType,
    image: inputs.image,
    location,
    labels: inputs.labels ?? {},
    userData: inputs.userData ?? "",
    firewallIds: inputs.firewallIds ?? [],
    placementGroupId: inputs.placementGroupId ?? null,
    primaryIps: assign(project, nets, location),
    backups: inputs.backups,
    deleteProtection: inputs.deleteProtection,
    rebuildProtection: inputs.rebuildProtection,
    iso: inputs.iso ?? "",
    rescue: inputs.rescue ?? "",
    primaryDiskSize: type.disk,
    status: "initializing",
    created: new Date().toISOString(),
  };
  project.put("server", server);
  return server;
}

/** The addresses of a new server: the given ones, and for a family that is on without one, one of its own. */
function assign(project: Project, nets: PublicNet[], location: string): Server["primaryIps"] {
  const assigned: Server["primaryIps"] = {};
  for (const net of nets) {
    if (net.ipv4Enabled) assigned.ipv4 = addressFor(project, "ipv4", net.ipv4, location);
    if (net.ipv6Enabled) assigned.ipv6 = addressFor(project, "ipv6", net.ipv6, location);
  }
  return assigned;
}

function addressFor(
  project: Project,
  type: PrimaryIp["type"],
  id: number | undefined,
  location: string,
): string {
  if (id === undefined) return addPrimaryIp(project, { type, location, autoDelete: true }).id;
  const ip = find(project, "primary_ip", id);
  if (ip.type !== type) {
    throw apiError(
      "primary_ip_version_mismatch",
      `primary_ip "${ip.name}" is ${ip.type}, not ${type}`,
    );
  }
  if (ip.location !== location) {
    throw apiError(
      "primary_ip_datacenter_mismatch",
      `primary_ip "${ip.name}" is in ${ip.location}, the server in ${location}`,
    );
  }
  const other = serverOf(project, ip.id);
  if (other) {
    throw apiError(
      "primary_ip_assigned",
      `primary_ip "${ip.name}" is already assigned to server "${other.name}"`,
    );
  }
  return ip.id;
}

/**
 * Changes what can be changed in place.
 *
 * @throws as the API does, for example `invalid_server_type` when the new type's disk is smaller
 */
export function changeServer(project: Project, id: string, news: ServerInputs): Server {
  const old = find(project, "server", id);
  demandFreeName(project, "server", news.name, id);
  let { primaryDiskSize } = old;
  if (news.serverType !== old.serverType) {
    const { disk, architecture } = knownType(news.serverType);
    demandSold(news.serverType, old.location);
    if (disk < primaryDiskSize || architecture !== knownType(old.serverType).architecture) {
      throw apiError(
        "invalid_server_type",
        `server "${old.name}" cannot become a ${news.serverType}: its disk of ${primaryDiskSize} GB or its architecture does not fit`,
      );
    }
    if (!news.keepDisk) primaryDiskSize = disk;
  }
  for (const firewallId of news.firewallIds ?? []) find(project, "firewall", firewallId);
  const placementGroupId = news.placementGroupId ?? null;
  if (placementGroupId !== null && placementGroupId !== old.placementGroupId) {
    demandPlace(project, placementGroupId, id);
  }
  for (const { ipv4, ipv6 } of news.publicNets ?? []) {
    const moved =
      (ipv4 !== undefined && String(ipv4) !== old.primaryIps.ipv4) ||
      (ipv6 !== undefined && String(ipv6) !== old.primaryIps.ipv6);
    if (moved)
      throw new Error(
        `the sandbox cannot give server "${old.name}" another Primary IP while it runs`,
      );
  }
  const server: Server = {
    ...old,
    name: news.name,
    serverType: news.serverType,
    labels: news.labels ?? {},
    firewallIds: news.firewallIds ?? old.firewallIds,
    placementGroupId,
    backups: news.backups,
    deleteProtection: news.deleteProtection,
    rebuildProtection: news.rebuildProtection,
    iso: news.iso ?? "",
    rescue: news.rescue ?? "",
    primaryDiskSize,
  };
  project.put("server", server);
  return server;
}

/** Removes a server, and those of its addresses that were to go with it; the others stay, unassigned. */
export function removeServer(project: Project, server: Server): void {
  for (const id of Object.values(server.primaryIps)) {
    if (project.get("primary_ip", id)?.autoDelete) project.remove("primary_ip", id);
  }
  for (const firewall of project.all("firewall")) {
    const applyTos = firewall.applyTos.filter((target) => target.server !== Number(server.id));
    if (applyTos.length < firewall.applyTos.length)
      project.put("firewall", { ...firewall, applyTos });
  }
  project.remove("server", server.id);
}

function knownType(name: string) {
  const type = serverTypes[name];
  if (!type) throw apiError("invalid_input", `server type "${name}" not found`);
  return type;
}

function demandSold(name: string, location: string): void {
  const type = knownType(name);
  if (!(location in locations)) throw apiError("invalid_input", `location "${location}" not found`);
  if (!type.locations.includes(location)) {
    throw apiError(
      "invalid_input",
      `unsupported location for server type: "${name}" is not sold in ${location}`,
    );
  }
  if (type.soldOut.includes(location)) {
    throw apiError("resource_unavailable", `server type "${name}" is sold out in ${location}`);
  }
}
