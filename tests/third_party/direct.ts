/**
 * A miniature library in the style of the ports of AutoGen for .NET: the sender of a message gets
 * the reply of the other side directly, without `receive`. Models are behind providers; group chats are
 * loops with a speaker selector.
 */

import type { Completion, Log, Request } from "./script.js";

export interface IMessage {
  role: string;
  content: string;
  name?: string;
  toolCalls?: { id: string; function: { name: string; arguments: string } }[];
}

interface Client {
  chat: { completions: { create(request: Request): Promise<Completion> } };
}

export class OpenAIProvider {
  private readonly client: Client;
  private readonly config: { model: string };

  constructor(client: Client, model: string) {
    this.client = client;
    this.config = { model };
  }

  async generateReplyWithFunctions(messages: IMessage[], tools: unknown[]): Promise<IMessage> {
    const { choices } = await this.client.chat.completions.create({
      model: this.config.model,
      messages,
      ...(tools.length > 0 && { tools }),
    });
    const { message } = choices[0]!;
    return {
      role: "assistant",
      content: message.content ?? "",
      ...(message.tool_calls !== undefined && { toolCalls: message.tool_calls }),
    };
  }
}

interface ToolFunction {
  contract: { name: string; description: string };
  executor(...given: unknown[]): unknown;
}

class FunctionMiddleware {
  private readonly functions = new Map<string, ToolFunction>();

  registerFunction(fn: ToolFunction): void {
    this.functions.set(fn.contract.name, fn);
  }

  definitions(): unknown[] {
    return [...this.functions.values()].map(({ contract }) => ({ type: "function", function: contract }));
  }

  async executeFunction(name: string, args: Record<string, unknown>): Promise<string> {
    const fn = this.functions.get(name);
    if (fn === undefined) throw new Error(`Function ${name} not found`);
    return String(await fn.executor(...Object.values(args)));
  }
}

export abstract class BaseAgent {
  public name: string;
  protected readonly history: IMessage[] = [];
  protected readonly log: Log;

  constructor(name: string, log: Log) {
    this.name = name;
    this.log = log;
  }

  abstract generateReply(messages: IMessage[], signal?: AbortSignal): Promise<IMessage>;

  getName(): string {
    return this.name;
  }

  async send(message: string | IMessage, recipient: BaseAgent, requestReply = true): Promise<IMessage | null> {
    const sent =
      typeof message === "string"
        ? { role: "user", content: message, name: this.name }
        : { ...message, name: this.name };
    this.history.push(sent);
    if (!requestReply) return null;
    const reply = await recipient.generateReply([...this.history]);
    this.history.push(reply);
    return reply;
  }

  async initiateChat(recipient: BaseAgent, message: string, maxRounds = 2): Promise<IMessage[]> {
    const history: IMessage[] = [];
    let current: string | IMessage = message;
    for (let round = 0; round < maxRounds; round++) {
      const reply: IMessage | null = await this.send(current, recipient, true);
      if (reply === null) break;
      history.push(reply);
      if (reply.content.includes("TERMINATE")) break;
      current = reply;
    }
    return history;
  }
}

export class AssistantAgent extends BaseAgent {
  private readonly provider: OpenAIProvider;
  private middleware: FunctionMiddleware | undefined;

  constructor(name: string, provider: OpenAIProvider, log: Log) {
    super(name, log);
    this.provider = provider;
  }

  registerFunction(fn: ToolFunction): void {
    this.middleware ??= new FunctionMiddleware();
    this.middleware.registerFunction(fn);
  }

  async generateReply(messages: IMessage[]): Promise<IMessage> {
    const requestMessages = await this.remember(messages);
    for (;;) {
      const reply = await this.provider.generateReplyWithFunctions(
        requestMessages,
        this.middleware?.definitions() ?? [],
      );
      reply.name = this.name;
      if (reply.toolCalls === undefined) {
        this.log.push(`${this.name}: ${reply.content}`);
        return reply;
      }
      requestMessages.push(reply);
      for (const call of reply.toolCalls) {
        const content = await this.middleware!.executeFunction(
          call.function.name,
          JSON.parse(call.function.arguments) as Record<string, unknown>,
        );
        requestMessages.push({ role: "tool", name: call.function.name, content });
      }
    }
  }

  /** Called for every reply, without an effect. */
  protected async remember(messages: IMessage[]): Promise<IMessage[]> {
    await Promise.resolve();
    return [...messages];
  }
}

export interface ISpeakerSelector {
  selectSpeaker(agents: BaseAgent[], messages: IMessage[], lastSpeaker?: BaseAgent): Promise<BaseAgent>;
}

class RoundRobinSelector implements ISpeakerSelector {
  async selectSpeaker(agents: BaseAgent[], _: IMessage[], lastSpeaker?: BaseAgent): Promise<BaseAgent> {
    const last = lastSpeaker === undefined ? -1 : agents.indexOf(lastSpeaker);
    return agents[(last + 1) % agents.length]!;
  }
}

export class GroupChat {
  private readonly agents: BaseAgent[];
  private readonly messages: IMessage[] = [];
  private readonly speakerSelector: ISpeakerSelector = new RoundRobinSelector();
  private readonly maxRound: number;

  constructor(agents: BaseAgent[], maxRound: number) {
    this.agents = agents;
    this.maxRound = maxRound;
  }

  async run(initialMessage: string): Promise<IMessage[]> {
    this.messages.push({ role: "user", content: initialMessage, name: "Admin" });
    let speaker: BaseAgent | undefined;
    for (let round = 0; round < this.maxRound; round++) {
      speaker = await this.selectNextSpeaker(speaker);
      const reply = await speaker.generateReply(this.messages);
      this.messages.push(reply);
      if (reply.content.includes("TERMINATE")) break;
    }
    return [...this.messages];
  }

  private async selectNextSpeaker(last?: BaseAgent): Promise<BaseAgent> {
    return this.speakerSelector.selectSpeaker(this.agents, this.messages, last);
  }
}
