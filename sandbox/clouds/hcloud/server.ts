import { isDeepStrictEqual } from "node:util";
import { type Properties, PartialFailure, type ResourceType } from "../../provider/resourceType";
import { presentInputs } from "../inputs";
import { firewallsOf } from "./firewall";
import { type Server } from "./objects";
import { demandUnprotected, find, inProject, type Project } from "./project";
import { addServer, changeServer, removeServer } from "./serverChanges";
import { checkServer, type PublicNet, type ServerInputs, shape } from "./serverInputs";

/** What a machine needs to know to boot. */
interface Machine {
  id: string;
  name: string;
  location: string;
  serverType: string;
  ipv4Address: string;
  userData: string;
  labels: Record<string, string>;
}

/** What switches machines on and off: sandbox/machines/power.ts, or a test's own. */
export interface Power {
  powerOn(machine: Machine): Promise<void>;
  powerOff(machine: Pick<Machine, "id" | "name">): Promise<void>;
}

const computed = [
  "backupWindow",
  "datacenter",
  "firewallIds",
  "ipv4Address",
  "ipv6Address",
  "ipv6Network",
  "location",
  "primaryDiskSize",
  "status",
];

/** Settings of the provider itself, and what the API takes but never tells. */
const localOnly = [
  "allowDeprecatedImages",
  "ignoreRemoteFirewallIds",
  "keepDisk",
  "shutdownBeforeDeletion",
  "sshKeys",
  "userData",
];

/** hcloud:index/server:Server, whose machines are switched by `power`. */
export function serverType(power: Power): ResourceType {
  return {
    computed,
    replaceOn: ["datacenter", "image", "location", "sshKeys", "userData"],
    check: checkServer,
    create: async (inputs) => {
      const server = inProject((project) => addServer(project, inputs as ServerInputs));
      return { id: server.id, outputs: await boot(power, server.id, inputs) };
    },
    read: (id, inputs) =>
      inProject((project) => {
        const server = project.get("server", id);
        if (!server) return undefined;
        const now = inputsNow(project, server, inputs);
        return { id, inputs: now, outputs: outputs(project, server, now) };
      }),
    update: async (id, _olds, news) => {
      const server = inProject((project) => changeServer(project, id, news as ServerInputs));
      // A machine that did not come up at its creation gets another chance with every update.
      if (server.status === "initializing") return boot(power, id, news);
      return inProject((project) => outputs(project, server, news));
    },
    delete: async (id) => {
      const server = inProject((project) => project.get("server", id));
      if (!server) return;
      demandUnprotected("server", server);
      // First the machine, then the record: a deletion that is cut off in between can be repeated.
      await power.powerOff({ id, name: server.hostName });
      inProject((project) => removeServer(project, server));
    },
  };
}

async function boot(power: Power, id: string, inputs: Properties): Promise<Properties> {
  const { machine, state } = inProject((project) => {
    const server = find(project, "server", id);
    const ipv4Address = addressOf(project, server.primaryIps.ipv4)?.ipAddress ?? "";
    return {
      machine: {
        id,
        name: server.hostName,
        location: server.location,
        serverType: server.serverType,
        ipv4Address,
        userData: server.userData,
        labels: server.labels,
      },
      state: { id, inputs, outputs: outputs(project, server, inputs) },
    };
  });
  try {
    await power.powerOn(machine);
  } catch (error) {
    throw new PartialFailure(state, [error instanceof Error ? error.message : String(error)]);
  }
  return inProject((project) => {
    const server: Server = { ...find(project, "server", id), status: "running" };
    project.put("server", server);
    return outputs(project, server, inputs);
  });
}

const addressOf = (project: Project, id: string | undefined) =>
  id === undefined ? undefined : project.get("primary_ip", id);

/** What the server's inputs would have to be for it to be as it is. */
function inputsNow(project: Project, server: Server, before: Properties): Properties {
  const { primaryIps } = server;
  const net = {
    ipv4Enabled: primaryIps.ipv4 !== undefined,
    ipv6Enabled: primaryIps.ipv6 !== undefined,
    ...(primaryIps.ipv4 && { ipv4: Number(primaryIps.ipv4) }),
    ...(primaryIps.ipv6 && { ipv6: Number(primaryIps.ipv6) }),
  };
  const [netBefore] = (before["publicNets"] as PublicNet[] | undefined) ?? [];
  // An address that the server got of its own was never an input.
  if (netBefore && netBefore.ipv4 === undefined) delete net.ipv4;
  if (netBefore && netBefore.ipv6 === undefined) delete net.ipv6;
  const present: Properties = {
    ...server,
    publicNets: [net],
    firewallIds: firewallsOf(project, server),
  };
  const now = presentInputs(shape, present, before, {
    computed: [...computed, "publicNets"],
    localOnly,
  });
  const ids = before["firewallIds"] as number[] | undefined;
  // The API's order means nothing, and what a label selector adds may be none of the program's business.
  if (
    ids &&
    (before["ignoreRemoteFirewallIds"] === true || sameMembers(ids, firewallsOf(project, server)))
  ) {
    now["firewallIds"] = ids;
  }
  return now;
}

const sameMembers = (some: number[], others: number[]) =>
  isDeepStrictEqual(new Set(some), new Set(others));

function outputs(project: Project, server: Server, inputs: Properties): Properties {
  const ipv6Network = addressOf(project, server.primaryIps.ipv6)?.ipNetwork ?? "";
  return {
    ...inputs,
    location: server.location,
    datacenter: "",
    firewallIds: inputs["firewallIds"] ?? server.firewallIds,
    ipv4Address: addressOf(project, server.primaryIps.ipv4)?.ipAddress ?? "",
    ipv6Address: ipv6Network.replace("/64", "1"),
    ipv6Network,
    primaryDiskSize: server.primaryDiskSize,
    status: server.status,
    backupWindow: server.backups ? "22-02" : "",
  };
}
