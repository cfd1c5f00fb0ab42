/** Servers of the tests on free ports of this machine. */

import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that listens. */
export interface LocalServer {
  readonly port: number;
  /** Closes the server and its connections. */
  stop(): Promise<void>;
}

/**
 * A listener that may await. A rejection is not handled, so it fails the test, unless it is the client's own doing: it
 * has left while it sent the body.
 */
export function asyncListener(
  listen: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): RequestListener {
  return (request, response) =>
    void listen(request, response).catch((error: unknown) => {
      if (request.complete || request.errored !== error) throw error;
    });
}

/** Starts the server on a free port of 127.0.0.1. */
export async function listening(server: Server): Promise<LocalServer> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
