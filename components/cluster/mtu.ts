/** Bytes that WireGuard puts around each packet: at most 80, with an IPv6 underlay (component-facts 2.5). */
const wireguardBytes = 80;

/** Bytes that VXLAN puts around each packet (component-facts 2.5). */
const vxlanBytes = 50;

/**
 * The least that pods may send in one packet. IPv6 demands it of every link, and the datagrams of WebRTC and QUIC
 * (1200 bytes and headers) fit; what is larger would arrive in fragments, which many networks drop.
 */
const leastPodMtu = 1280;

/** Bytes that encryption and the tunnel together put around each packet. */
export const tunnelBytes = wireguardBytes + vxlanBytes;

/** The least that the network between the nodes must carry in one packet, in bytes. */
export const leastUnderlayMtu = leastPodMtu + tunnelBytes;

/** The most that Ethernet cards carry in one frame, in bytes. */
export const mostUnderlayMtu = 9000;

/**
 * Bytes that a pod can send in one packet to a pod on another node, in its own region or not: 1370 on an ordinary
 * network of 1500. Every region must have the same, because the smallest on a path decides.
 *
 * @param underlayMtu bytes that the network between the nodes carries in one packet
 * @throws when nothing useful is left for the pods, or no network carries so much
 */
export function podMtu(underlayMtu: number): number {
  if (
    !Number.isInteger(underlayMtu) ||
    underlayMtu < leastUnderlayMtu ||
    underlayMtu > mostUnderlayMtu
  ) {
    throw new Error(
      `the MTU of the network between the nodes must be a whole number from ${leastUnderlayMtu} to ${mostUnderlayMtu} bytes, ` +
        `because encryption and the tunnel take ${tunnelBytes} of it; got ${underlayMtu}`,
    );
  }
  return underlayMtu - tunnelBytes;
}
