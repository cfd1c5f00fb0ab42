/** The servers of one page: they listen in this process, and the page determines their answers. */

import { type AnsweringServer, type Reply, startAnsweringServer } from "../answering-server.js";
import type { FromPage, ToPage } from "./page/channel.js";

type Command = Exclude<FromPage, { report: unknown } | { over: unknown }>;

export class RemoteServers {
  readonly #servers = new Map<number, AnsweringServer>();
  readonly #replies: Reply[] = [];
  readonly #send: (message: ToPage) => Promise<unknown>;

  /** @param send sends a message to the page */
  constructor(send: (message: ToPage) => Promise<unknown>) {
    // The page may be closed; then the message is not needed.
    this.#send = (message) => send(message).catch(() => undefined);
  }

  /** Executes a command of the page; returns the origin of a server that was started, else "". */
  async handle(command: Command): Promise<string> {
    if ("listen" in command) return this.#listen(command.listen);
    if ("close" in command) this.#servers.get(command.close)?.stop();
    else this.#perform(command);
    return "";
  }

  stop(): void {
    for (const server of this.#servers.values()) server.stop();
  }

  async #listen(number: number): Promise<string> {
    const server = await startAnsweringServer((reply, received) => {
      const index = this.#replies.push(reply) - 1;
      void this.#send({ server: number, reply: index, received });
      void reply.closed.then(() => this.#send({ closed: index }));
    });
    this.#servers.set(number, server);
    return server.origin;
  }

  #perform(command: Extract<Command, { reply: number }>): void {
    const reply = this.#replies[command.reply];
    if (reply === undefined) throw new Error(`there is no request ${command.reply}`);
    if (command.step === "head") reply.head(command.status, command.headers);
    else if (command.step === "destroy") reply.destroy();
    else reply[command.step](typeof command.piece === "string" ? command.piece : Uint8Array.from(command.piece));
  }
}
