/** The ways in which libraries differ, each as small as it can be, after ports that are public. */

interface SpokenMessage {
  role: string;
  content: string;
  name?: string;
}

type Model = (messages: readonly SpokenMessage[]) => Promise<string>;

/** Runs the tools that a reply calls only after the agent has returned it; results have a flag for success. */
export class LoopingAgent {
  readonly id: string;
  readonly name: string;
  readonly #lines: { content: string; toolCalls?: { name: string; arguments: object }[] }[];

  constructor(name: string, lines: { content: string; toolCalls?: { name: string; arguments: object }[] }[]) {
    this.id = `id of ${name}`;
    this.name = name;
    this.#lines = lines;
  }

  async generateReply(_: {
    history: readonly SpokenMessage[];
  }): Promise<{ content: string; toolCalls?: { name: string; arguments: object }[] }> {
    return this.#lines.shift()!;
  }

  async executeTool(name: string, args: object): Promise<{ success: boolean; result?: unknown; error?: string }> {
    return name === "clock" ? { success: true, result: args } : { success: false, error: `no tool ${name}` };
  }
}

/** Has its members by their ids, as has the selector of speakers. */
export class LoopingGroupChat {
  readonly agents: Map<string, LoopingAgent>;
  readonly #history: SpokenMessage[] = [];
  #round = 0;

  constructor(agents: readonly LoopingAgent[]) {
    this.agents = new Map(agents.map((agent) => [agent.id, agent]));
  }

  selectNextSpeaker(): string {
    return [...this.agents.keys()][this.#round % this.agents.size]!;
  }

  async run(message: string, rounds: number): Promise<readonly SpokenMessage[]> {
    this.#history.push({ role: "user", content: message, name: "User" });
    for (; this.#round < rounds; this.#round++) {
      const speaker = this.agents.get(this.selectNextSpeaker())!;
      const reply = await speaker.generateReply({ history: this.#history });
      this.#history.push({ role: "assistant", content: reply.content, name: speaker.name });
      for (const { name, arguments: args } of reply.toolCalls ?? []) await speaker.executeTool(name, args);
    }
    return this.#history;
  }
}

/** Has no method that makes replies: it answers what it receives. Its model is a function. */
export class Peer {
  readonly name: string;
  readonly llm: Model;
  #left: number;

  constructor(name: string, llm: Model, left: number) {
    this.name = name;
    this.llm = llm;
    this.#left = left;
  }

  async send(message: string, recipient: Peer): Promise<void> {
    await recipient.receive(message, this);
  }

  async receive(message: string, sender: Peer): Promise<void> {
    this.#left -= 1;
    if (this.#left < 0) return;
    await this.send(await this.llm([{ role: "user", content: message, name: sender.name }]), sender);
  }
}

/** Only runs. */
export class Runner {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  async run(input: string): Promise<{ output: string }> {
    return { output: `${this.name}(${input})` };
  }
}

/** Runs those who only run. */
export class Team {
  readonly members: readonly Runner[];

  constructor(members: readonly Runner[]) {
    this.members = members;
  }

  async run(task: string): Promise<string> {
    let current = task;
    for (const member of this.members) current = (await member.run(current)).output;
    return current;
  }
}

/** Finds agents by their names, and hands the chat on. */
export class Adapter {
  readonly #conversation = new Conversation();

  async initiateChat(sender: string, recipient: string, message: string): Promise<object> {
    return this.#conversation.start(message, sender, recipient);
  }
}

class Conversation {
  async start(message: string, ..._names: string[]): Promise<object> {
    return { turns: [await new Runner("inner").run(message)] };
  }
}

/** Emits only its start and its messages. */
export class MessagesOnlyChat {
  readonly #listeners: ((message: { from: string; to: string; content: string }) => void)[] = [];
  readonly #lines: string[];

  constructor(lines: readonly string[]) {
    this.#lines = [...lines];
  }

  onMessage(listener: (message: { from: string; to: string; content: string }) => void): this {
    this.#listeners.push(listener);
    return this;
  }

  async start(message: { from: string; to: string; content: string }): Promise<void> {
    this.#notify(message);
    let { from, to } = message;
    for (const content of this.#lines) {
      [from, to] = [to, from];
      await Promise.resolve();
      this.#notify({ from, to, content });
    }
  }

  #notify(message: { from: string; to: string; content: string }): void {
    for (const listener of this.#listeners) listener(message);
  }
}

/** Agents that stream, and one who streams what they stream. */
export class StreamingAgent {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  async *generateReplyStream(
    messages: readonly SpokenMessage[],
  ): AsyncGenerator<{ delta: string; isComplete: boolean }> {
    for (const delta of [this.name, " ", messages.at(-1)!.content]) yield { delta, isComplete: false };
  }
}

/** See above. */
export class Swarm {
  readonly agents: readonly StreamingAgent[];

  constructor(agents: readonly StreamingAgent[]) {
    this.agents = agents;
  }

  async *runStream(task: string): AsyncGenerator<string> {
    let content = task;
    for (const agent of this.agents) {
      let text = "";
      for await (const { delta } of agent.generateReplyStream([{ role: "user", content }])) {
        text += delta;
        yield delta;
      }
      content = text;
    }
  }
}

/** Has names that agents' libraries use, and means something else by them. */
export class ConnectionManager {
  started = 0;

  async start(): Promise<void> {
    this.started += 1;
  }

  async create(settings: object): Promise<object> {
    return settings;
  }

  async run(task: string): Promise<string> {
    return task;
  }
}

/** Keeps its tools to itself and runs them out of sight: a function, a list and objects. */
export class TightLippedAgent {
  readonly name = "tight";
  readonly #tools = new Map<string, (args: object) => unknown>();

  registerFunction(name: string, run: (args: object) => unknown): void {
    this.#tools.set(name, run);
  }

  registerTools(tools: readonly { name: string; handler(args: object): unknown }[]): void {
    for (const tool of tools) this.#tools.set(tool.name, (args) => tool.handler(args));
  }

  async generateReply(calls: readonly { content: string }[]): Promise<string> {
    const results: unknown[] = [];
    for (const { content } of calls) results.push(await this.#tools.get(content)!({ question: content }));
    return JSON.stringify(results);
  }
}
