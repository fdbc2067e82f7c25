import { connect, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { DnsRecord } from "../../../sandbox/clouds/cloudflare/dnsRecord";
import { longDistance } from "../../../sandbox/mesh/longDistance";
import { addressesOf } from "../../../sandbox/mesh/peers";

const address = "127.97.9.1";
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that says everything back. */
async function echo(): Promise<number> {
  const server = createServer((socket) => socket.pipe(socket));
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, address, resolve));
  return (server.address() as { port: number }).port;
}

async function ask(
  port: number,
  words: string[],
): Promise<{ answer: string; milliseconds: number }> {
  const started = Date.now();
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({ host: address, port }, () => {
      for (const word of words) socket.write(word);
      socket.end();
    });
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.on("close", () => resolve({ answer, milliseconds: Date.now() - started }));
    // A connection that is closed while words are on their way ends in a reset instead of an end.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET") reject(error);
    });
  });
}

test("what is sent arrives in order, no sooner than the way takes", async () => {
  const port = await echo();
  const way = await longDistance(address, () => [{ address, port }], 40);
  servers.push(way.server);
  const words = Array.from({ length: 200 }, (_, index) => `${index} `);
  const { answer, milliseconds } = await ask(way.port, words);
  expect(answer).toBe(words.join(""));
  expect(milliseconds).toBeGreaterThanOrEqual(155);
});

test("an end that does not answer is passed over, and without any the connection is closed", async () => {
  const port = await echo();
  const ends = [
    { address, port: 1 },
    { address, port },
  ];
  const way = await longDistance(address, () => ends, 1);
  servers.push(way.server);
  expect((await ask(way.port, ["x"])).answer).toBe("x");
  ends.splice(0);
  expect((await ask(way.port, ["x"])).answer).toBe("");
});

test("a name has the addresses of its records, through aliases, and none when it has no record", () => {
  const record = (name: string, type: DnsRecord["type"], content: string): DnsRecord => ({
    id: name,
    zoneId: "z",
    name,
    type,
    content,
    ttl: 60,
    proxied: false,
    tags: [],
    createdOn: "",
    modifiedOn: "",
  });
  const records = [
    record("germany.mesh.example.com", "A", "127.101.0.1"),
    record("germany.mesh.example.com", "A", "127.101.0.2"),
    record("germany.mesh.example.com", "TXT", "words"),
    record("www.example.com", "CNAME", "Germany.mesh.example.com."),
    record("loop.example.com", "CNAME", "loop.example.com"),
  ];
  const both = ["127.101.0.1", "127.101.0.2"];
  expect(addressesOf("germany.mesh.example.com", records)).toEqual(both);
  expect(addressesOf("WWW.example.com", records)).toEqual(both);
  expect(addressesOf("loop.example.com", records)).toEqual([]);
  expect(addressesOf("other.example.com", records)).toEqual([]);
});
