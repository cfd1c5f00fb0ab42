/**
 * A miniature library in the style of AutoGen 0.2: agents send each other messages, and the
 * receiver of one makes a reply and sends it back. The base class makes replies of a chain of functions;
 * assistants and proxies inherit from it and call `super`.
 */

import type { Completion, Log, Request } from "./script.js";

export interface Message {
  role: string;
  content: string | null;
  name?: string;
  tool_calls?: { id: string; type: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

interface Client {
  chat: { completions: { create(request: Request): Promise<Completion> } };
}

export interface AgentOptions {
  name: string;
  log: Log;
  client?: Client;
  model?: string;
  maxTurns?: number;
}

type Tool = (args: Record<string, unknown>) => unknown;

export class ConversableAgent {
  readonly name: string;
  readonly model: string;
  protected readonly log: Log;
  protected readonly client: Client | undefined;
  readonly chatMessages = new Map<ConversableAgent, Message[]>();
  readonly #functionMap = new Map<string, Tool>();
  #turns = 0;
  readonly #maxTurns: number;

  constructor({ name, log, client, model = "m-1", maxTurns = 2 }: AgentOptions) {
    this.name = name;
    this.log = log;
    this.client = client;
    this.model = model;
    this.#maxTurns = maxTurns;
  }

  registerFunction(functions: Record<string, Tool>): this {
    for (const [name, tool] of Object.entries(functions)) this.#functionMap.set(name, tool);
    return this;
  }

  async initiateChat(
    recipient: ConversableAgent,
    { message, clearHistory = true }: { message: string; clearHistory?: boolean },
  ): Promise<{ chatHistory: Message[]; summary: string }> {
    if (clearHistory) {
      this.chatMessages.delete(recipient);
      recipient.chatMessages.delete(this);
    }
    await this.send(message, recipient);
    const chatHistory = this.with(recipient);
    return { chatHistory, summary: chatHistory.at(-1)?.content ?? "" };
  }

  async send(message: string | Message, recipient: ConversableAgent, requestReply = true): Promise<void> {
    const sent = typeof message === "string" ? { content: message, role: "assistant" } : message;
    this.with(recipient).push({ ...sent, role: "assistant" });
    this.log.push(`${this.name} > ${recipient.name}: ${sent.content}`);
    await recipient.receive(sent, this, requestReply);
  }

  async receive(message: Message, sender: ConversableAgent, requestReply = true): Promise<void> {
    this.with(sender).push({ ...message, role: "user", name: sender.name });
    if (!requestReply) return;
    const reply = await this.generateReply(this.with(sender), sender);
    if (reply !== null) await this.send(reply, sender);
  }

  async generateReply(messages: Message[], sender: ConversableAgent): Promise<string | Message | null> {
    this.#turns += 1;
    if (this.#turns > this.#maxTurns || messages.at(-1)?.content?.includes("TERMINATE")) return null;
    if (this.client === undefined) return `${this.name} heard ${sender.name}`;
    const requestMessages: Message[] = [...messages];
    for (;;) {
      const { choices } = await this.client.chat.completions.create({ model: this.model, messages: requestMessages });
      const { message } = choices[0]!;
      if (message.tool_calls === undefined) return message.content;
      requestMessages.push(message);
      for (const call of message.tool_calls) {
        const [, answer] = await this.executeFunction(call.function);
        requestMessages.push({ role: "tool", tool_call_id: call.id, content: answer.content });
      }
    }
  }

  async executeFunction({
    name,
    arguments: text,
  }: {
    name: string;
    arguments: string;
  }): Promise<[boolean, { name: string; role: string; content: string }]> {
    const tool = this.#functionMap.get(name);
    if (tool === undefined) return [false, { name, role: "function", content: `Error: Function ${name} not found.` }];
    try {
      const result = await tool(JSON.parse(text) as Record<string, unknown>);
      this.log.push(`tool ${name}: ${String(result)}`);
      return [true, { name, role: "function", content: String(result) }];
    } catch (error) {
      return [false, { name, role: "function", content: `Error: ${(error as Error).message}` }];
    }
  }

  protected with(other: ConversableAgent): Message[] {
    let messages = this.chatMessages.get(other);
    if (messages === undefined) this.chatMessages.set(other, (messages = []));
    return messages;
  }
}

export class AssistantAgent extends ConversableAgent {
  override async generateReply(messages: Message[], sender: ConversableAgent): Promise<string | Message | null> {
    const reply = await super.generateReply(messages, sender);
    return typeof reply === "string" ? reply.trim() : reply;
  }
}

export class UserProxyAgent extends ConversableAgent {
  readonly answers: string[] = [];

  override async generateReply(messages: Message[], sender: ConversableAgent): Promise<string | Message | null> {
    if (this.answers.length === 0) return super.generateReply(messages, sender);
    return this.getHumanInput(`Reply to ${sender.name}: `);
  }

  async getHumanInput(prompt: string): Promise<string> {
    this.log.push(prompt);
    return this.answers.shift() ?? "exit";
  }
}
