/** A gate before a server on localhost: while it is shut, the server is down for everybody outside. */

import { connect, createServer, type Socket } from "node:net";

/** A gate; shut at first. */
export interface Gate {
  /** What stands for the server's address. */
  uri: string;
  open(): void;
  shut(): void;
  stop(): Promise<void>;
}

/** Builds a gate before the server at `uri`. */
export async function startGate(uri: string): Promise<Gate> {
  const { hostname, port } = new URL(uri);
  const passing = new Set<Socket>();
  let isOpen = false;
  const shut = (): void => {
    isOpen = false;
    for (const socket of passing) socket.destroy();
  };
  const gate = createServer((outside) => {
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
  await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve));
  const address = gate.address();
  return {
    uri: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    open: () => void (isOpen = true),
    shut,
    stop: () => {
      shut();
      return new Promise((resolve) => gate.close(() => resolve()));
    },
  };
}
