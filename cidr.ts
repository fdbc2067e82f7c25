import * as ipaddr from "ipaddr.js";

/** A range of IP addresses, as written and as understood. */
export interface Cidr {
  readonly text: string;
  readonly address: ipaddr.IPv4 | ipaddr.IPv6;
  /** Number of leading bits that all addresses share. */
  readonly prefix: number;
  /** The same range with its host bits clear, for example 203.0.113.0/24. */
  readonly network: string;
}

/** Reads an IPv4 (four decimal parts) or IPv6 range in CIDR notation; undefined when it is not one. */
export function parseCidr(text: string): Cidr | undefined {
  const ipv4 = ipaddr.IPv4.isValidCIDRFourPartDecimal(text);
  // A zone such as %eth0 is legal in an IPv6 address and meaningless in a range.
  if (!ipv4 && (text.includes("%") || !ipaddr.IPv6.isValidCIDR(text))) {
    return undefined;
  }
  const [address, prefix] = ipaddr.parseCIDR(text);
  const network = ipv4
    ? ipaddr.IPv4.networkAddressFromCIDR(text)
    : ipaddr.IPv6.networkAddressFromCIDR(text);
  return { text, address, prefix, network: `${network.toString()}/${prefix}` };
}

/** Whether bits behind the prefix are set, as in 203.0.113.7/24, which may mean a network or an address. */
export function hasHostBits(range: Cidr): boolean {
  return `${range.address.toString()}/${range.prefix}` !== range.network;
}

/** Whether every address of the inner range lies in the outer one. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return (
    outer.address.kind() === inner.address.kind() &&
    outer.prefix <= inner.prefix &&
    inner.address.match(outer.address, outer.prefix)
  );
}

/** Whether two ranges share an address. */
export function overlaps(one: Cidr, other: Cidr): boolean {
  return contains(one, other) || contains(other, one);
}
