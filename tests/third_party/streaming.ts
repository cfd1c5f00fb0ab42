/**
 * A miniature library in the style of AutoGen 0.4: messages are typed, agents answer with streams,
 * methods are own arrow functions, getters or private, and teams run agents in turn. Its instances
 * are frozen once they are made.
 */

import type { Log } from "./script.js";

export class TextMessage {
  readonly content: string;
  readonly source: string;

  constructor(content: string, source: string) {
    this.content = content;
    this.source = source;
  }
}

interface Usage {
  promptTokens: number;
  completionTokens: number;
}

/** Streams its lines word by word. */
export class ReplayChatCompletionClient {
  readonly #lines: string[];

  constructor(lines: readonly string[]) {
    this.#lines = [...lines];
  }

  async create(
    messages: readonly TextMessage[],
    _options: { tools?: readonly unknown[] } = {},
  ): Promise<{ content: string; usage: Usage; cached: boolean }> {
    await Promise.resolve();
    return { content: this.#next(), usage: { promptTokens: messages.length, completionTokens: 3 }, cached: false };
  }

  async *createStream(messages: readonly TextMessage[]): AsyncGenerator<string, { content: string; usage: Usage }> {
    const content = this.#next();
    for (const word of content.split(" ")) yield `${word} `;
    return { content, usage: { promptTokens: messages.length, completionTokens: 3 } };
  }

  #next(): string {
    const line = this.#lines.shift();
    if (line === undefined) throw new Error("no more lines");
    return line;
  }
}

export class AssistantAgent {
  readonly name: string;
  readonly #client: ReplayChatCompletionClient;
  readonly #log: Log;
  readonly #isStreaming: boolean;

  constructor(name: string, client: ReplayChatCompletionClient, log: Log, isStreaming = false) {
    this.name = name;
    this.#client = client;
    this.#log = log;
    this.#isStreaming = isStreaming;
    Object.freeze(this);
  }

  async onMessages(messages: readonly TextMessage[]): Promise<{ chatMessage: TextMessage }> {
    let last: { chatMessage: TextMessage } | undefined;
    for await (const item of this.onMessagesStream(messages)) if (typeof item !== "string") last = item;
    return last!;
  }

  async *onMessagesStream(messages: readonly TextMessage[]): AsyncGenerator<string | { chatMessage: TextMessage }> {
    let content = "";
    if (this.#isStreaming)
      for await (const word of this.#client.createStream(messages)) {
        content += word;
        yield word;
      }
    else content = (await this.#client.create(messages)).content;
    this.#log.push(`${this.name}: ${content}`);
    yield { chatMessage: new TextMessage(content, this.name) };
  }
}

export class RoundRobinGroupChat {
  readonly participants: readonly AssistantAgent[];
  readonly #maxTurns: number;

  constructor(participants: readonly AssistantAgent[], maxTurns: number) {
    this.participants = participants;
    this.#maxTurns = maxTurns;
  }

  /** A getter that gives a function, as lazily bound methods are made. */
  get run(): (task: string) => Promise<{ messages: TextMessage[]; stopReason: string }> {
    return async (task) => {
      for await (const item of this.runStream(task)) if ("stopReason" in item) return item;
      throw new Error("the stream ended early");
    };
  }

  runStream = async function* (
    this: RoundRobinGroupChat,
    task: string,
  ): AsyncGenerator<TextMessage | { messages: TextMessage[]; stopReason: string }> {
    const messages = [new TextMessage(task, "user")];
    for (let turn = 0; turn < this.#maxTurns; turn++) {
      const speaker = this.participants[turn % this.participants.length]!;
      const { chatMessage } = await speaker.onMessages(messages);
      messages.push(chatMessage);
      yield chatMessage;
    }
    yield { messages, stopReason: "max turns" };
  };
}
