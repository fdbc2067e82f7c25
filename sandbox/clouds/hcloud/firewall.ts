import { parseCIDR } from "ipaddr.js";
import { z } from "zod";
import { type ResourceType } from "../../provider/resourceType";
import { type Checked, checkInputs, presentInputs, withName } from "../inputs";
import { matchesLabels } from "./labelSelector";
import { type Firewall, type Server } from "./objects";
import {
  apiError,
  demandFreeName,
  demandRoom,
  find,
  inProject,
  labelMap,
  type Project,
} from "./project";

/** Rules of a firewall, and firewalls of a project (capabilities.md 4.1). */
const rulesPerFirewall = 50;
const firewallsPerProject = 50;

const portText = z.string().superRefine((value, context) => {
  if (value === "any") return;
  const ends = value.split("-");
  const numbers = ends.map(Number);
  const legal =
    ends.every((end) => /^\d{1,5}$/.test(end)) && numbers.every((n) => n >= 1 && n <= 65_535);
  if (!legal || ends.length > 2 || numbers[0]! > numbers.at(-1)!) {
    context.addIssue({
      code: "custom",
      message: `"${value}" is not a port: it takes a number from 1 to 65535, a range such as 80-85, or any`,
    });
  }
});

const cidr = z.string().superRefine((value, context) => {
  const reason = cidrMistake(value);
  if (reason) context.addIssue({ code: "custom", message: reason });
});

const rule = z
  .strictObject({
    direction: z.enum(["in", "out"]),
    protocol: z.enum(["tcp", "udp", "icmp", "gre", "esp"]),
    port: portText.optional(),
    sourceIps: z.array(cidr).optional(),
    destinationIps: z.array(cidr).optional(),
    description: z.string().max(255).optional(),
  })
  .superRefine(({ direction, protocol, port, sourceIps, destinationIps }, context) => {
    const mistake = (message: string) => context.addIssue({ code: "custom", message });
    const ported = protocol === "tcp" || protocol === "udp";
    if (ported && port === undefined) mistake(`a rule for ${protocol} needs a port`);
    if (!ported && port !== undefined) mistake(`a rule for ${protocol} takes no port`);
    const [needed, given, excess] =
      direction === "in"
        ? ["sourceIps", sourceIps, destinationIps]
        : ["destinationIps", destinationIps, sourceIps];
    if (!given?.length) mistake(`a rule with direction "${direction}" needs ${needed}`);
    if (excess?.length) mistake(`a rule with direction "${direction}" takes only ${needed}`);
  });

const applyTo = z
  .strictObject({ server: z.int().optional(), labelSelector: z.string().min(1).optional() })
  .refine(({ server, labelSelector }) => (server === undefined) !== (labelSelector === undefined), {
    message: "each of applyTos takes either server or labelSelector",
  });

const shape = {
  name: z.string(),
  rules: z
    .array(rule)
    .max(rulesPerFirewall, `a firewall takes at most ${rulesPerFirewall} rules`)
    .optional(),
  applyTos: z.array(applyTo).optional(),
  labels: labelMap.optional(),
};

const computed = ["applyTos"];

/** hcloud:index/firewall:Firewall. */
export const firewall: ResourceType = {
  computed,
  check: (news, olds, { urn }) => checkInputs(shape, withName(news, olds, urn)),
  create: (inputs) =>
    inProject((project) => {
      const { name, rules = [], applyTos = [], labels = {} } = inputs as Checked<typeof shape>;
      demandFreeName(project, "firewall", name);
      demandRoom(project, "firewall", firewallsPerProject);
      demandServers(project, applyTos);
      const object: Firewall = { id: project.nextId(), name, rules, applyTos, labels };
      project.put("firewall", object);
      return { id: object.id, outputs: { ...inputs, applyTos } };
    }),
  read: (id, inputs) =>
    inProject((project) => {
      const object = project.get("firewall", id);
      if (!object) return undefined;
      const now = presentInputs(shape, { ...object }, inputs, { computed });
      return { id, inputs: now, outputs: { ...now, applyTos: object.applyTos } };
    }),
  update: (id, _olds, news) =>
    inProject((project) => {
      const { name, rules = [], applyTos = [], labels = {} } = news as Checked<typeof shape>;
      demandFreeName(project, "firewall", name, id);
      demandServers(project, applyTos);
      project.put("firewall", {
        ...find(project, "firewall", id),
        name,
        rules,
        applyTos,
        labels,
      });
      return { ...news, applyTos };
    }),
  delete: (id) =>
    inProject((project) => {
      const object = project.get("firewall", id);
      if (!object) return;
      const server = project
        .all("server")
        .find(
          (candidate) =>
            candidate.firewallIds.includes(Number(id)) ||
            object.applyTos.some((target) => target.server === Number(candidate.id)),
        );
      if (server) {
        throw apiError(
          "resource_in_use",
          `firewall "${object.name}" is still in use by server "${server.name}"`,
        );
      }
      project.remove("firewall", id);
    }),
};

/** The firewalls that guard a server: those that it names, and those that name it or match its labels. */
export const firewallsOf = (project: Project, server: Server): number[] =>
  project
    .all("firewall")
    .filter(
      ({ id, applyTos }) =>
        server.firewallIds.includes(Number(id)) ||
        applyTos.some(
          (target) =>
            target.server === Number(server.id) ||
            (target.labelSelector !== undefined &&
              matchesLabels(target.labelSelector, server.labels)),
        ),
    )
    .map(({ id }) => Number(id));

function demandServers(project: Project, applyTos: Firewall["applyTos"]): void {
  for (const { server } of applyTos) if (server !== undefined) find(project, "server", server);
}

function cidrMistake(value: string): string | undefined {
  try {
    const [ip, prefix] = parseCIDR(value);
    const bits = ip
      .toByteArray()
      .map((byte) => byte.toString(2).padStart(8, "0"))
      .join("");
    if (!bits.slice(prefix).includes("1")) return undefined;
    return `"${value}" is not the start of its CIDR block: the bits after /${prefix} must be zero`;
  } catch {
    return `"${value}" is not an address range such as 203.0.113.0/24`;
  }
}
