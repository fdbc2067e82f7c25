import { credentials, Client } from "@grpc/grpc-js";
import type { KeyPair } from "../../../sandbox/machines/certificates";

/** A client of an etcd that asks for a certificate: only what the tests of the mesh need of its API. */
export class EtcdClient {
  private readonly client: Client;

  constructor(address: string, port: number, ca: string, pair: KeyPair) {
    this.client = new Client(
      `${address}:${port}`,
      credentials.createSsl(Buffer.from(ca), Buffer.from(pair.key), Buffer.from(pair.certificate)),
    );
  }

  /** The answer, still in protobuf, with every key that starts with a text. */
  async range(prefix: string): Promise<Buffer> {
    const last = prefix.length - 1;
    const end = prefix.slice(0, last) + String.fromCodePoint(prefix.charCodeAt(last) + 1);
    return this.call("/etcdserverpb.KV/Range", [prefix, end]);
  }

  async put(key: string, value: string): Promise<Buffer> {
    return this.call("/etcdserverpb.KV/Put", [key, value]);
  }

  close(): void {
    this.client.close();
  }

  private call(method: string, fields: string[]): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest<Buffer, Buffer>(
        method,
        (request) => request,
        (answer) => answer,
        message(fields),
        { deadline: Date.now() + 5_000 },
        (error, answer) => (error ? reject(error) : resolve(answer ?? Buffer.alloc(0))),
      );
    });
  }
}

/** A protobuf message whose fields 1, 2 … are short texts. */
function message(fields: string[]): Buffer {
  return Buffer.concat(
    fields.map((text, index) => {
      const content = Buffer.from(text);
      return Buffer.concat([Buffer.from([((index + 1) << 3) | 2, content.length]), content]);
    }),
  );
}
