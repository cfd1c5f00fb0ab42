/** A TCP proxy before a server on localhost: while it is closed, clients cannot connect. */

import { connect, createServer, type Socket } from "node:net";

/** A proxy, closed at first. */
export interface TcpProxy {
  /** The address to use in place of the server's. */
  uri: string;
  open(): void;
  close(): void;
  stop(): Promise<void>;
}

/** Starts a proxy before the server at `uri`. */
export async function startTcpProxy(uri: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(uri);
  const passing = new Set<Socket>();
  let isOpen = false;
  const close = (): void => {
    isOpen = false;
    for (const socket of passing) socket.destroy();
  };
  const server = createServer((outside) => {
    if (!isOpen) {
      outside.destroy();
      return;
    }
    const inside = connect(Number(port), hostname);
    for (const [from, to] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      passing.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.once("close", () => {
        passing.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    uri: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    open: () => void (isOpen = true),
    close,
    stop: () => {
      close();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
