import { type DnsRecord, inCloudflare } from "../clouds/cloudflare/dnsRecord";
import { readHost } from "../machines/cluster";
import { machineNames, readMachine } from "../machines/disk";
import type { Route } from "./etcdConfig";

/** The addresses that a name has by the records of its zone, through CNAMEs; none when it has no record. */
export function addressesOf(name: string, records: readonly DnsRecord[], depth = 8): string[] {
  const own = records.filter((record) => record.name === name.toLowerCase().replace(/\.$/, ""));
  return own.flatMap(({ type, content }) => {
    if (type === "A") return [content];
    return type === "CNAME" && depth > 0 ? addressesOf(content, records, depth - 1) : [];
  });
}

/**
 * Where a NodePort of another region is served: its name is looked up in the simulated zones, and the machine with such
 * an address passes on to the one that runs the region's programs, as a node passes on to a pod.
 */
export function nodePortRoutes(name: string, port: number): Route[] {
  const records = inCloudflare((store) => store.all("dns_record"));
  const hosts = addressesOf(name, records).flatMap((address) => hostBehind(address) ?? []);
  return [...new Set(hosts)].map((address) => ({ address, port }));
}

/** The address at which the programs of a node's cluster run, or undefined when no machine has the address. */
function hostBehind(address: string): string | undefined {
  const machine = machineNames()
    .map((name) => readMachine(name))
    .find((found) => found?.server.ipv4Address === address);
  return machine?.cluster ? readHost(machine.cluster)?.address : undefined;
}
