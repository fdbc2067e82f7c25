import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Route } from "./etcdConfig";

/**
 * Milliseconds one way between two regions. Their real round trips are 150 ms and more; and a peer that answered faster
 * than 40 ms would meet a defect of Cilium's operator (toolchain 6).
 */
const oneWayMilliseconds = 75;

/**
 * Listens on an address and carries each connection to wherever the other end is at that moment, with the delay of a
 * long way. A connection is closed when there is no other end.
 */
export async function longDistance(
  address: string,
  otherEnds: () => Route[],
  delay = oneWayMilliseconds,
): Promise<{ server: Server; port: number }> {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    near.on("error", () => near.destroy());
    sleep(2 * delay)
      .then(() => reach(otherEnds()))
      .then(
        (far) => {
          far.on("error", () => far.destroy());
          carry(near, far, delay);
          carry(far, near, delay);
        },
        () => near.destroy(),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, address, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error(`no port at ${address}`);
  return { server, port: bound.port };
}

/** Connects to the first of the ends that answers. @throws when none does */
async function reach(ends: Route[]): Promise<Socket> {
  let reason: unknown = new Error("the name has no address");
  for (const { address, port } of ends) {
    try {
      return await open(address, port);
    } catch (error) {
      reason = error;
    }
  }
  throw reason;
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

/** Passes on what comes, each piece `delay` milliseconds after it came; timers of one length keep their order. */
function carry(from: Socket, to: Socket, delay: number): void {
  const later = (work: () => void): void => void setTimeout(work, delay);
  from.on("data", (chunk) => later(() => to.writable && to.write(chunk)));
  from.on("end", () => later(() => to.end()));
  from.on("close", () => later(() => to.destroy()));
}
