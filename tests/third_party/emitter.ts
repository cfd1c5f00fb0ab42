/**
 * A miniature library in the style of aibitat: one class holds all agents by their names, its working
 * methods are private, and listeners get its events.
 */

type Listener = (...given: never[]) => void;

class Emitter {
  readonly #listeners = new Map<string, Listener[]>();

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  emit(event: string, ...given: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(...(given as never[]));
  }
}

interface Route {
  from: string;
  to: string;
}

export interface Provider {
  complete(
    messages: readonly unknown[],
    functions?: readonly unknown[],
  ): Promise<{ result: string | null; functionCall?: { name: string; arguments: unknown }; cost: number }>;
}

interface AgentConfig {
  role?: string;
  functions?: string[];
  provider?: Provider;
}

interface FunctionConfig {
  name: string;
  description: string;
  handler(args: never): string | Promise<string>;
}

export class AIbitat {
  private readonly emitter = new Emitter();
  private readonly _chats: (Route & { content: string; state: string })[] = [];
  private readonly agents = new Map<string, AgentConfig>();
  private readonly channels = new Map<string, string[]>();
  private readonly functions = new Map<string, FunctionConfig>();
  private readonly provider: Provider;
  private readonly maxRounds: number;

  constructor({ provider, maxRounds = 10 }: { provider: Provider; maxRounds?: number }) {
    this.provider = provider;
    this.maxRounds = maxRounds;
  }

  get chats(): readonly unknown[] {
    return this._chats;
  }

  agent(name: string, config: AgentConfig = {}): this {
    this.agents.set(name, config);
    return this;
  }

  channel(name: string, members: string[]): this {
    this.channels.set(name, members);
    return this;
  }

  function(config: FunctionConfig): this {
    this.functions.set(config.name, config);
    return this;
  }

  onMessage(listener: (chat: Route & { content: string }) => void): this {
    this.emitter.on("message", listener);
    return this;
  }

  onError(listener: (error: unknown) => void): this {
    this.emitter.on("replyError", listener);
    return this;
  }

  async start(message: Route & { content: string }): Promise<this> {
    this.newMessage(message);
    await this.chat({ to: message.from, from: message.to });
    return this;
  }

  private newMessage(message: Route & { content: string }): void {
    const chat = { ...message, state: "success" };
    this._chats.push(chat);
    this.emitter.emit("message", chat, this);
  }

  private async chat(route: Route): Promise<void> {
    const members = this.channels.get(route.from);
    if (members !== undefined) {
      const next = await this.selectNext(route.from, members);
      if (next === undefined) return;
      await this.chat({ from: next, to: route.from });
      return;
    }
    let reply: string;
    try {
      reply = await this.reply(route);
    } catch (error) {
      this._chats.push({ ...route, content: (error as Error).message, state: "error" });
      this.emitter.emit("replyError", error);
      return;
    }
    if (reply === "TERMINATE" || this._chats.length >= this.maxRounds) return;
    await this.chat({ to: route.from, from: route.to });
  }

  private async selectNext(channel: string, members: string[]): Promise<string | undefined> {
    const { result } = await this.provider.complete([
      { role: "user", content: `Who is next in ${channel}? ${members.join(", ")}` },
    ]);
    return members.find((member) => member === result);
  }

  private async reply(route: Route): Promise<string> {
    const { provider = this.provider, functions = [] } = this.agents.get(route.from) ?? {};
    const messages = this._chats.map(({ from, content }) => ({
      role: from === route.from ? "assistant" : "user",
      content,
    }));
    const content = await this.handleExecution(
      provider,
      messages,
      functions.map((name) => this.functions.get(name)!),
    );
    this.newMessage({ ...route, content });
    return content;
  }

  private async handleExecution(
    provider: Provider,
    messages: readonly unknown[],
    functions: FunctionConfig[],
  ): Promise<string> {
    const completion = await provider.complete(messages, functions);
    if (completion.functionCall === undefined) return completion.result!;
    const { name, arguments: args } = completion.functionCall;
    const result = await functions.find((fn) => fn.name === name)!.handler(args as never);
    return this.handleExecution(provider, [...messages, { role: "function", name, content: result }], functions);
  }
}
