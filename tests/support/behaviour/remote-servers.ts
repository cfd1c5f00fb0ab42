/** The servers of one page: they listen here, and the page says what they answer. */

import { type AnsweringServer, type Reply, startAnsweringServer } from "../answering-server.js";
import type { FromPage, ToPage } from "./page/line.js";

type Order = Exclude<FromPage, { report: unknown } | { over: unknown }>;

export class RemoteServers {
  readonly #servers = new Map<number, AnsweringServer>();
  readonly #replies: Reply[] = [];
  readonly #tell: (message: ToPage) => Promise<unknown>;

  /** @param tell takes a message to the page */
  constructor(tell: (message: ToPage) => Promise<unknown>) {
    // The page may be gone; then nobody waits for the message.
    this.#tell = (message) => tell(message).catch(() => undefined);
  }

  /** Does what the page orders; gives the origin of a server that it has started, else nothing. */
  async take(order: Order): Promise<string> {
    if ("listen" in order) return this.#listen(order.listen);
    if ("close" in order) this.#servers.get(order.close)?.stop();
    else this.#step(order);
    return "";
  }

  stop(): void {
    for (const server of this.#servers.values()) server.stop();
  }

  async #listen(number: number): Promise<string> {
    const server = await startAnsweringServer((reply, received) => {
      const index = this.#replies.push(reply) - 1;
      void this.#tell({ server: number, reply: index, received });
      void reply.closed.then(() => this.#tell({ closed: index }));
    });
    this.#servers.set(number, server);
    return server.origin;
  }

  #step(order: Extract<Order, { reply: number }>): void {
    const reply = this.#replies[order.reply];
    if (reply === undefined) throw new Error(`there is no request ${order.reply}`);
    if (order.step === "head") reply.head(order.status, order.headers);
    else if (order.step === "destroy") reply.destroy();
    else reply[order.step](typeof order.piece === "string" ? order.piece : Uint8Array.from(order.piece));
  }
}
