/** A server of the tests on a free port of this computer. */

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Where it listens, and how it ends. */
export interface Listening {
  readonly port: number;
  /** Ends it, whoever is still connected. */
  stop(): Promise<void>;
}

/** Lets the server listen to this computer, on a port that is free. */
export async function listening(server: Server): Promise<Listening> {
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
