/** Servers for tests in a page: they run in the Node process, and the page answers each request. */

import type { Answer, AnsweringServer, Reply } from "../../answering-server.js";
import { onMessage, nodeProcess } from "./channel.js";

const answers: Answer[] = [];
const closed = new Map<number, () => void>();

onMessage((message) => {
  if ("closed" in message) closed.get(message.closed)?.();
  else answers[message.server]?.(new RemoteReply(message.reply), message.received);
});

export async function startAnsweringServer(answer: Answer): Promise<AnsweringServer> {
  const server = answers.push(answer) - 1;
  const origin = await nodeProcess({ listen: server });
  return { origin, stop: () => void nodeProcess({ close: server }) };
}

class RemoteReply implements Reply {
  readonly closed: Promise<void>;
  readonly #reply: number;

  constructor(reply: number) {
    this.#reply = reply;
    this.closed = new Promise((resolve) => closed.set(reply, resolve));
  }

  head(status: number, headers: Record<string, string> = {}): this {
    void nodeProcess({ reply: this.#reply, step: "head", status, headers });
    return this;
  }

  write(piece: string | Uint8Array): this {
    void nodeProcess({ reply: this.#reply, step: "write", piece: portable(piece) });
    return this;
  }

  end(piece: string | Uint8Array = ""): void {
    void nodeProcess({ reply: this.#reply, step: "end", piece: portable(piece) });
  }

  destroy(): void {
    void nodeProcess({ reply: this.#reply, step: "destroy" });
  }
}

function portable(piece: string | Uint8Array): string | number[] {
  return typeof piece === "string" ? piece : Array.from(piece);
}
