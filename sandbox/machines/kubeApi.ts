import { Agent, request } from "node:https";
import type { KeyPair } from "./certificates";

/** A Kubernetes API server and who asks it. */
export interface KubeApi {
  /** Loopback address; the port is 6443. */
  address: string;
  /** PEM of the CA of its certificate. */
  ca: string;
  client: KeyPair;
}

/** An answer other than 2xx. */
export class KubeError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** One request; `contentType` is for patches. Resolves with the answer's object, or its text when it is not JSON. */
export async function call(
  api: KubeApi,
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  contentType = "application/json",
): Promise<unknown> {
  const text = await new Promise<string>((resolve, reject) => {
    const outgoing = request(
      {
        host: api.address,
        port: 6443,
        method,
        path,
        agent: new Agent({
          ca: api.ca,
          cert: api.client.certificate,
          key: api.client.key,
          keepAlive: false,
        }),
        headers: { accept: "application/json", "content-type": contentType },
        timeout: 10_000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const answer = Buffer.concat(chunks).toString("utf8");
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(answer);
          else reject(new KubeError(`${method} ${path}: ${status} ${explain(answer)}`, status));
        });
      },
    );
    outgoing.on("timeout", () =>
      outgoing.destroy(new Error(`${method} ${path}: no answer in 10 s`)),
    );
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether the API server answers that it is ready. */
export async function isReady(api: KubeApi): Promise<boolean> {
  try {
    await call(api, "GET", "/readyz");
    return true;
  } catch {
    return false;
  }
}

function explain(answer: string): string {
  try {
    return (JSON.parse(answer) as { message?: string }).message ?? answer;
  } catch {
    return answer;
  }
}
