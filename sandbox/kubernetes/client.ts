import { type IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { type Properties } from "../provider/resourceType";
import { type Connection } from "./kubeconfig";

/** One request to the API server. */
export interface ApiRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below the server's address, for example `/api/v1/namespaces`. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal;
  /** Gets each warning that the API server sends along, for example about an unknown field. */
  onWarning?: (message: string) => void;
}

/** The API server answered with an error. */
export class ApiError extends Error {
  /** HTTP status, for example 404. */
  readonly code: number;
  /** The server's word for it, for example `AlreadyExists`. */
  readonly reason: string;
  /** The `details` of the answer: the kind concerned and the causes. */
  readonly details: {
    kind?: string;
    causes?: { reason?: string; message?: string; field?: string }[];
  };

  constructor(code: number, answer: Properties) {
    super(typeof answer["message"] === "string" ? answer["message"] : `HTTP status ${code}`);
    this.code = code;
    this.reason = typeof answer["reason"] === "string" ? answer["reason"] : "";
    this.details = answer["details"] ?? {};
  }
}

/** No answer came from the API server. */
export class UnreachableError extends Error {}

/** Longest that connecting may take, in milliseconds. */
const connectTimeout = 5_000;
/** How often a request that the server is too busy for is sent again, as client-go does. */
const busyRetries = 10;

/** Talks HTTPS and JSON to one API server, with the certificates of a kubeconfig. */
export class ApiClient {
  private readonly connection: Connection;
  private readonly agent: Agent;

  constructor(connection: Connection) {
    this.connection = connection;
    this.agent = new Agent({
      keepAlive: true,
      maxSockets: 32,
      ca: connection.certificateAuthority,
      cert: connection.clientCertificate,
      key: connection.clientKey,
      servername: connection.serverName,
      rejectUnauthorized: !connection.insecure,
    });
  }

  /**
   * Sends a request and answers the parsed body.
   *
   * @throws {@link ApiError} for an answer of 400 and above, {@link UnreachableError} when there is no answer
   */
  async send(call: ApiRequest): Promise<Properties> {
    for (let attempt = 0; ; attempt++) {
      const { response, body } = await this.once(call);
      const code = response.statusCode ?? 0;
      if (code === 429 && attempt < busyRetries) {
        await sleep(1_000 * Number(response.headers["retry-after"] ?? 1), undefined, {
          signal: call.signal,
        });
        continue;
      }
      for (const warning of warnings(response)) call.onWarning?.(warning);
      const answer = parseAnswer(body);
      if (code >= 400) throw new ApiError(code, answer);
      return answer;
    }
  }

  private once(
    call: ApiRequest,
    again = true,
  ): Promise<{ response: IncomingMessage; body: string }> {
    const url = new URL(this.connection.server + call.path);
    for (const [key, value] of Object.entries(call.query ?? {})) url.searchParams.set(key, value);
    const content = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    return new Promise((resolve, reject) => {
      const sent = request(url, {
        method: call.method,
        agent: this.agent,
        signal: call.signal,
        headers: {
          accept: "application/json",
          "user-agent": "pulumi-kubernetes",
          ...(content && {
            "content-type": call.contentType ?? "application/json",
            // Without it Node sends the body of a DELETE as if it were the next request.
            "content-length": content.length,
          }),
          ...(this.connection.token && { authorization: `Bearer ${this.connection.token}` }),
        },
      });
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => resolve({ response, body: Buffer.concat(chunks).toString() }));
      });
      sent.on("socket", (socket) => {
        if (!socket.connecting) return;
        const timer = setTimeout(() => {
          sent.destroy(new Error(`no connection within ${connectTimeout / 1000} s`));
        }, connectTimeout);
        for (const event of ["secureConnect", "close"])
          socket.once(event, () => clearTimeout(timer));
      });
      sent.on("error", (error: NodeJS.ErrnoException) => {
        if (call.signal?.aborted) reject(error);
        // A kept connection that the server closed meanwhile says nothing about the server: try a fresh one.
        else if (again && sent.reusedSocket && error.code === "ECONNRESET") {
          resolve(this.once(call, false));
        } else reject(new UnreachableError(`${this.connection.server}: ${error.message}`));
      });
      sent.end(content);
    });
  }
}

/** The texts of `Warning: 299 - "text"` headers. */
function warnings(response: IncomingMessage): string[] {
  const header = response.headersDistinct["warning"]?.join(", ") ?? "";
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
    match[1]!.replaceAll(/\\(.)/g, "$1"),
  );
}

function parseAnswer(body: string): Properties {
  try {
    return JSON.parse(body) as Properties;
  } catch {
    return { message: body.trim() };
  }
}
