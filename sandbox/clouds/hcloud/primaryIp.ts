import { z } from "zod";
import { type Properties, type ResourceType } from "../../provider/resourceType";
import { type Checked, checkInputs, presentInputs, withName } from "../inputs";
import { defaultLocation, locations } from "./catalogue";
import { type PrimaryIp } from "./objects";
import {
  apiError,
  demandFreeName,
  demandUnprotected,
  find,
  inProject,
  labelMap,
  type Project,
} from "./project";

const shape = {
  name: z.string(),
  type: z.enum(["ipv4", "ipv6"]),
  location: z.string().optional(),
  datacenter: z.never("Primary IPs have no datacenter any more: use location").optional(),
  assigneeType: z.enum(["server"]).default("server"),
  assigneeId: z
    .never("the sandbox assigns a Primary IP by the server's publicNets only")
    .optional(),
  autoDelete: z.boolean().default(false),
  deleteProtection: z.boolean().default(false),
  labels: labelMap.optional(),
};

const computed = ["assigneeId", "ipAddress", "ipNetwork", "location"];

/** hcloud:index/primaryIp:PrimaryIp. */
export const primaryIp: ResourceType = {
  computed,
  // location by the published schema; type and datacenter because the API cannot change them.
  replaceOn: ["location", "type", "datacenter"],
  check: (news, olds, { urn }) => {
    const { inputs, failures } = checkInputs(shape, withName(news, olds, urn));
    if (inputs["autoDelete"] === true && inputs["deleteProtection"] === true) {
      failures.push({
        property: "deleteProtection",
        reason: "deleteProtection can only be true while autoDelete is false",
      });
    }
    return { inputs, failures };
  },
  create: (inputs) =>
    inProject((project) => {
      const ip = addPrimaryIp(project, inputs as Checked<typeof shape>);
      return { id: ip.id, outputs: outputs(project, ip, inputs) };
    }),
  read: (id, inputs) =>
    inProject((project) => {
      const ip = project.get("primary_ip", id);
      if (!ip) return undefined;
      const now = presentInputs(shape, { ...ip, assigneeType: "server" }, inputs, { computed });
      return { id, inputs: now, outputs: outputs(project, ip, now) };
    }),
  update: (id, _olds, news) =>
    inProject((project) => {
      const { name, labels = {}, autoDelete, deleteProtection } = news as Checked<typeof shape>;
      demandFreeName(project, "primary_ip", name, id);
      const ip = {
        ...find(project, "primary_ip", id),
        name,
        labels,
        autoDelete,
        deleteProtection,
      };
      project.put("primary_ip", ip);
      return outputs(project, ip, news);
    }),
  delete: (id) =>
    inProject((project) => {
      const ip = project.get("primary_ip", id);
      if (!ip) return;
      demandUnprotected("primary_ip", ip);
      const server = serverOf(project, id);
      if (server) {
        throw apiError(
          "must_be_unassigned",
          `primary_ip "${ip.name}" must be unassigned before its deletion; server "${server.name}" has it`,
        );
      }
      project.remove("primary_ip", id);
    }),
};

type NewPrimaryIp = Pick<PrimaryIp, "type" | "autoDelete"> & {
  [Key in "name" | "location" | "deleteProtection" | "labels"]?: PrimaryIp[Key] | undefined;
};

/** Makes an address in a location, the lowest that nobody has. */
export function addPrimaryIp(project: Project, given: NewPrimaryIp): PrimaryIp {
  const id = project.nextId();
  const name = given.name ?? `primary_ip-${id}`;
  const location = given.location ?? defaultLocation;
  if (!(location in locations)) {
    throw apiError(
      "invalid_input",
      `location "${location}" of primary_ip "${name}" does not exist`,
    );
  }
  demandFreeName(project, "primary_ip", name);
  const taken = new Set(project.all("primary_ip").map(({ ipAddress }) => ipAddress));
  let n = 1;
  while (taken.has(address(given.type, location, n))) n++;
  const ipAddress = address(given.type, location, n);
  const ip: PrimaryIp = {
    id,
    name,
    type: given.type,
    location,
    ipAddress,
    ipNetwork: given.type === "ipv6" ? `${ipAddress}/64` : "",
    autoDelete: given.autoDelete,
    deleteProtection: given.deleteProtection ?? false,
    labels: given.labels ?? {},
  };
  project.put("primary_ip", ip);
  return ip;
}

/** The server that has the address. */
export const serverOf = (project: Project, id: string) =>
  project.all("server").find(({ primaryIps }) => primaryIps.ipv4 === id || primaryIps.ipv6 === id);

/** Several sandboxes on one computer have different addresses by this number, 0 to 199; tests set it. */
const firstNetwork = () => Number(process.env["MERIDIAN_SANDBOX_NETWORK"] ?? 0);

/** The n-th address of a location, from 1. IPv6 comes from the range for documentation: nothing listens there. */
function address(type: PrimaryIp["type"], location: string, n: number): string {
  const { addresses } = locations[location]!;
  // 254 to a /24, so that no address ends in 0 or 255.
  if (type === "ipv4") {
    const third = firstNetwork() + Math.floor((n - 1) / 254);
    return `${addresses}.${third}.${((n - 1) % 254) + 1}`;
  }
  return `2001:db8:${addresses.split(".")[1]}:${n.toString(16)}::`;
}

function outputs(project: Project, ip: PrimaryIp, inputs: Properties): Properties {
  const server = serverOf(project, ip.id);
  return {
    ...inputs,
    location: ip.location,
    ipAddress: ip.ipAddress,
    ipNetwork: ip.ipNetwork,
    assigneeId: server ? Number(server.id) : 0,
  };
}
