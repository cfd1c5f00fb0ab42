/** The healthy server behind a fault server. Requests are passed on without the headers of a page or a connection. */

import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";

/** A request that has been read to its end. */
export interface WholeRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer that has been read to its end. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

const NOT_PASSED_ON = /^(host|connection|origin|referer|content-length|transfer-encoding|expect|sec-.*)$/;

/** The way to one server. Its connections are kept; `close` ends them. */
export class Upstream {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #uri: string;

  constructor(uri: string) {
    this.#uri = uri;
  }

  /** Sends a request to the server; rejects if it cannot be reached. */
  ask({ method, path, headers, body }: WholeRequest): Promise<WholeAnswer> {
    const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.test(name)));
    return new Promise((resolve, reject) => {
      const outgoing = request(
        this.#uri + path,
        { method, agent: this.#agent, headers: { ...kept, "content-length": body.length } },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.once("error", reject);
          incoming.once("end", () => {
            const { "content-type": type } = incoming.headers;
            resolve({
              status: incoming.statusCode ?? 0,
              headers: type === undefined ? {} : { "content-type": type },
              body: Buffer.concat(chunks),
            });
          });
        },
      );
      outgoing.once("error", reject);
      outgoing.end(body);
    });
  }

  /** Ends its connections. */
  close(): void {
    this.#agent.destroy();
  }
}
