import { randomBytes } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { type Properties, type ResourceType, unknown } from "../../provider/resourceType";
import { type Checked, checkInputs, presentInputs } from "../inputs";
import { type StoredObject, transact, type Transaction } from "../store";

/** A DNS record as the simulated zone keeps it. */
export interface DnsRecord extends StoredObject {
  zoneId: string;
  /** Full name, without a dot at its end. */
  name: string;
  type: "A" | "AAAA" | "CNAME" | "TXT" | "MX" | "NS" | "CAA" | "SRV";
  content: string;
  /** Seconds; 1 means that Cloudflare chooses. */
  ttl: number;
  proxied: boolean;
  comment?: string | undefined;
  tags: string[];
  priority?: number | undefined;
  createdOn: string;
  modifiedOn: string;
}

const hostName = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}$/i;

const shape = {
  zoneId: z.string().regex(/^[0-9a-f]{32}$/, "a zone id has 32 hexadecimal digits"),
  name: z.string().max(255).regex(hostName, "the name of a record must be a full domain name"),
  type: z.enum(["A", "AAAA", "CNAME", "TXT", "MX", "NS", "CAA", "SRV"]),
  content: z.string(),
  ttl: z.int().refine((ttl) => ttl === 1 || (ttl >= 60 && ttl <= 86_400), {
    error: "ttl must be 1 (automatic), or from 60 to 86400 seconds",
  }),
  proxied: z.boolean().default(false),
  comment: z.string().max(100).optional(),
  tags: z.array(z.string()).optional(),
  priority: z.int().min(0).max(65_535).optional(),
  data: z.never("the sandbox knows records with content only").optional(),
  settings: z.never("the sandbox has no settings of single records").optional(),
  includeShadowMetadata: z.boolean().optional(),
  privateRouting: z.boolean().optional(),
};

/** The records of a zone, by name and then by the time of their creation. */
export const recordsOfZone = (zoneId: string): DnsRecord[] =>
  inCloudflare((store) => store.all("dns_record"))
    .filter((record) => record.zoneId === zoneId)
    .toSorted((a, b) => a.name.localeCompare(b.name) || a.createdOn.localeCompare(b.createdOn));

/** Every kind of object that the simulated Cloudflare has. */
interface Kinds {
  dns_record: DnsRecord;
}

/** Reads and changes the records of every zone; see {@link transact}. */
export const inCloudflare = <T>(work: (store: Transaction<Kinds>) => T): T =>
  transact("cloudflare", work);

/** cloudflare:index/dnsRecord:DnsRecord. */
export const dnsRecord: ResourceType = {
  computed: [
    "commentModifiedOn",
    "createdOn",
    "meta",
    "modifiedOn",
    "proxiable",
    "settings",
    "tagsModifiedOn",
  ],
  replaceOn: ["zoneId"],
  check: (news) => {
    const { inputs, failures } = checkInputs(shape, news);
    const { type, content, proxied, ttl } = inputs;
    if (typeof content === "string" && content !== unknown) {
      const reason = contentMistake(type, content);
      if (reason) failures.push({ property: "content", reason });
    }
    if (proxied === true && !isProxiable(type)) {
      failures.push({
        property: "proxied",
        reason: `a record of type ${String(type)} cannot be proxied`,
      });
    }
    if (proxied === true && typeof ttl === "number" && ttl !== 1) {
      failures.push({ property: "ttl", reason: "ttl must be 1 (automatic) for a proxied record" });
    }
    return { inputs, failures };
  },
  create: (inputs) =>
    inCloudflare((store) => {
      const now = new Date().toISOString();
      const record = {
        ...settled(inputs),
        id: randomBytes(16).toString("hex"),
        createdOn: now,
        modifiedOn: now,
      };
      demandNoConflict(store, record);
      store.put("dns_record", record);
      return { id: record.id, outputs: outputs(record, inputs) };
    }),
  read: (id, inputs) => {
    // An import names the zone too: ZONE_ID/RECORD_ID.
    const [recordId = "", zoneId] = id.split("/").toReversed();
    return inCloudflare((store) => {
      const record = store.get("dns_record", recordId);
      if (!record || (zoneId !== undefined && record.zoneId !== zoneId)) return undefined;
      const now = presentInputs(shape, { ...record }, inputs, {
        localOnly: ["includeShadowMetadata", "privateRouting"],
      });
      return { id: recordId, inputs: now, outputs: outputs(record, now) };
    });
  },
  update: (id, _olds, news) =>
    inCloudflare((store) => {
      const old = store.get("dns_record", id);
      if (!old) throw new Error(`Record does not exist (81044): ${id}`);
      const record = {
        ...settled(news),
        id,
        createdOn: old.createdOn,
        modifiedOn: new Date().toISOString(),
      };
      demandNoConflict(store, record);
      store.put("dns_record", record);
      return outputs(record, news);
    }),
  delete: (id) => inCloudflare((store) => store.remove("dns_record", id)),
};

/** Names are one in any case, and a target may be written with a dot at its end. */
function settled(inputs: Properties): Omit<DnsRecord, "id" | "createdOn" | "modifiedOn"> {
  const { zoneId, name, type, content, ttl, proxied, comment, tags, priority } = inputs as Checked<
    typeof shape
  >;
  return {
    zoneId,
    name: name.toLowerCase(),
    type,
    content,
    ttl,
    proxied,
    comment,
    tags: tags ?? [],
    priority,
  };
}

/** @throws as the API does when a name would have a CNAME beside something else, or one record twice */
function demandNoConflict(store: Transaction<Kinds>, record: DnsRecord): void {
  for (const other of store.all("dns_record")) {
    const elsewhere = other.zoneId !== record.zoneId || other.name !== record.name;
    if (elsewhere || other.id === record.id) continue;
    if (other.type === record.type && other.content === record.content) {
      throw new Error(
        `An identical record already exists (81058): ${record.type} ${record.name} ${record.content}`,
      );
    }
    const clash = other.type === "CNAME" || record.type === "CNAME";
    if (clash && isProxiable(other.type) && isProxiable(record.type)) {
      throw new Error(
        `An A, AAAA, or CNAME record with that host already exists (81053): ${record.name} has ${other.type} ${other.content}`,
      );
    }
  }
}

function contentMistake(type: unknown, content: string): string | undefined {
  if (type === "A" && !isIPv4(content)) return `"${content}" is not an IPv4 address`;
  if (type === "AAAA" && !isIPv6(content)) return `"${content}" is not an IPv6 address`;
  if (type === "CNAME" && !hostName.test(content.replace(/\.$/, ""))) {
    return `"${content}" is not a domain name`;
  }
  return undefined;
}

const isProxiable = (type: unknown) => type === "A" || type === "AAAA" || type === "CNAME";

const outputs = (record: DnsRecord, inputs: Properties): Properties => ({
  ...inputs,
  createdOn: record.createdOn,
  modifiedOn: record.modifiedOn,
  commentModifiedOn: record.comment ? record.modifiedOn : "",
  tagsModifiedOn: record.tags.length > 0 ? record.modifiedOn : "",
  proxiable: isProxiable(record.type),
  settings: {},
  meta: "{}",
});
