/** A server whose responses the test writes. In pages, behaviour/page/answering-server.ts replaces it. */

import { createServer, type ServerResponse } from "node:http";
import { asyncListener } from "./local-server.js";

/** A request as it arrived. */
export interface Received {
  url: string;
  headers: Record<string, string | undefined>;
  body: string;
}

/** The response to a request. */
export interface Reply {
  head(status: number, headers?: Record<string, string>): this;
  /** Sends a piece of the body as it is. */
  write(piece: string | Uint8Array): this;
  end(piece?: string | Uint8Array): void;
  /** Breaks the connection. */
  destroy(): void;
  /** When the reply has ended, or the connection is gone. */
  closed: Promise<void>;
}

/** What a server does with a request. */
export type Answer = (reply: Reply, received: Received) => void;

/** A running server. */
export interface AnsweringServer {
  /** Such as `http://127.0.0.1:49152`. */
  origin: string;
  stop(): void;
}

/** Pages of other origins may ask, too, and read everything. */
const OPEN_TO_PAGES = { "access-control-allow-origin": "*", "access-control-expose-headers": "*" };

/** Starts a server on a port of its own. A browser's question whether a page may ask is not one of its requests. */
export async function startAnsweringServer(answer: Answer): Promise<AnsweringServer> {
  const listener = asyncListener(async (request, response) => {
    if (request.method === "OPTIONS") {
      const headers = request.headers["access-control-request-headers"] ?? "";
      response
        .writeHead(204, {
          ...OPEN_TO_PAGES,
          "access-control-allow-headers": headers,
          "access-control-allow-methods": "*",
        })
        .end();
      return;
    }
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]),
    );
    answer(replyBy(response), { url: request.url ?? "", headers, body: Buffer.concat(pieces).toString() });
  });
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function replyBy(response: ServerResponse): Reply {
  for (const [name, value] of Object.entries(OPEN_TO_PAGES)) response.setHeader(name, value);
  const reply: Reply = {
    head: (status, headers = {}) => {
      response.writeHead(status, headers);
      return reply;
    },
    write: (piece) => {
      response.write(piece);
      return reply;
    },
    end: (piece = "") => void response.end(piece),
    destroy: () => void response.destroy(),
    closed: new Promise((resolve) => response.once("close", resolve)),
  };
  return reply;
}
