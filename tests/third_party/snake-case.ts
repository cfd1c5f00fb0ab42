/**
 * A miniature library that keeps Python's names: snake_case, every method twice (`x` and `a_x`), a
 * manager that runs the group chat as one of its reply functions and broadcasts the messages.
 */

import type { Completion, Log, Request } from "./script.js";

interface Message {
  role?: string;
  content: string;
  name?: string;
  function_call?: { name: string; arguments: string };
}

type ReplyFunction = (messages: Message[], sender: ConversableAgent) => Promise<[boolean, string | Message | null]>;

/** AG2's `OpenAIWrapper`: a client of the library's own. */
export class OpenAIWrapper {
  readonly model: string;
  readonly #complete: (request: Request) => Promise<Completion>;

  constructor(model: string, complete: (request: Request) => Promise<Completion>) {
    this.model = model;
    this.#complete = complete;
  }

  async create({ messages }: { messages: readonly unknown[] }): Promise<Completion> {
    return this.#complete({ model: this.model, messages });
  }
}

export class ConversableAgent {
  name: string;
  llm: OpenAIWrapper | undefined;
  max_consecutive_auto_reply: number;
  _oai_messages = new Map<ConversableAgent, Message[]>();
  _function_map: Record<string, (args: never) => unknown> = {};
  _reply_func_list: ReplyFunction[] = [];
  _log: Log;

  constructor({
    name,
    llm,
    log,
    max_consecutive_auto_reply = 3,
  }: { name: string; llm?: OpenAIWrapper; log: Log; max_consecutive_auto_reply?: number }) {
    this.name = name;
    this.llm = llm;
    this._log = log;
    this.max_consecutive_auto_reply = max_consecutive_auto_reply;
    this.register_reply((messages) => this._generate_oai_reply(messages));
  }

  register_reply(fn: ReplyFunction): void {
    this._reply_func_list.unshift(fn);
  }

  register_function(function_map: Record<string, (args: never) => unknown>): void {
    Object.assign(this._function_map, function_map);
  }

  async a_initiate_chat(
    recipient: ConversableAgent,
    { message, max_turns = null }: { message: string; max_turns?: number | null },
  ): Promise<{ chat_history: Message[]; summary: string; cost: object; human_input: string[] }> {
    void max_turns;
    await this.a_send({ content: message }, recipient, true);
    const chat_history = this._oai_messages.get(recipient) ?? [];
    return { chat_history, summary: chat_history.at(-1)?.content ?? "", cost: {}, human_input: [] };
  }

  async a_send(
    message: Message,
    recipient: ConversableAgent,
    request_reply: boolean | null = null,
    silent = false,
  ): Promise<void> {
    this._append(message, recipient, "assistant");
    if (!silent) this._log.push(`${this.name} -> ${recipient.name}: ${message.content}`);
    await recipient.a_receive(message, this, request_reply, silent);
  }

  async a_receive(
    message: Message,
    sender: ConversableAgent,
    request_reply: boolean | null = null,
    silent = false,
  ): Promise<void> {
    this._append(message, sender, "user");
    void silent;
    if (request_reply === false) return;
    const reply = await this.a_generate_reply(this._oai_messages.get(sender)!, sender);
    if (reply !== null)
      await this.a_send(typeof reply === "string" ? { content: reply } : reply, sender, request_reply);
  }

  async a_generate_reply(messages: Message[], sender: ConversableAgent): Promise<string | Message | null> {
    if (messages.at(-1)!.content === "TERMINATE" || this.max_consecutive_auto_reply-- <= 0) return null;
    for (const reply_func of this._reply_func_list) {
      const [final, reply] = await reply_func(messages, sender);
      if (final) return reply;
    }
    return "";
  }

  async _generate_oai_reply(messages: Message[]): Promise<[boolean, string | Message | null]> {
    if (this.llm === undefined) return [false, null];
    const { choices } = await this.llm.create({ messages });
    const { content, tool_calls } = choices[0]!.message;
    if (tool_calls === undefined) return [true, content];
    const [, response] = await this.a_execute_function(tool_calls[0]!.function);
    return this._generate_oai_reply([...messages, response]);
  }

  async a_execute_function(func_call: { name: string; arguments: string }): Promise<[boolean, Message]> {
    try {
      const result = await this._function_map[func_call.name]!(JSON.parse(func_call.arguments) as never);
      return [true, { name: func_call.name, role: "function", content: String(result) }];
    } catch (error) {
      return [false, { name: func_call.name, role: "function", content: `Error: ${(error as Error).message}` }];
    }
  }

  _append(message: Message, other: ConversableAgent, role: string): void {
    const messages = this._oai_messages.get(other) ?? [];
    messages.push({ ...message, role });
    this._oai_messages.set(other, messages);
  }
}

export class GroupChat {
  agents: ConversableAgent[];
  messages: Message[] = [];
  max_round: number;
  speaker_selection_method = "auto";

  constructor(agents: ConversableAgent[], max_round: number) {
    this.agents = agents;
    this.max_round = max_round;
  }

  async a_select_speaker(last_speaker: ConversableAgent, selector: ConversableAgent): Promise<ConversableAgent> {
    if (selector.llm !== undefined) {
      const { choices } = await selector.llm.create({
        messages: [...this.messages, { role: "system", content: "Who is next?" }],
      });
      const named = this.agents.find(({ name }) => name === choices[0]!.message.content);
      if (named !== undefined) return named;
    }
    return this.agents[(this.agents.indexOf(last_speaker) + 1) % this.agents.length]!;
  }
}

export class GroupChatManager extends ConversableAgent {
  groupchat: GroupChat;

  constructor({ groupchat, llm, log }: { groupchat: GroupChat; llm?: OpenAIWrapper; log: Log }) {
    super({ name: "chat_manager", log, max_consecutive_auto_reply: 99, ...(llm !== undefined && { llm }) });
    this.groupchat = groupchat;
    this.register_reply((messages, sender) => this.a_run_chat(messages, sender));
  }

  async a_run_chat(messages: Message[], sender: ConversableAgent): Promise<[boolean, null]> {
    const { groupchat } = this;
    let message = messages.at(-1)!;
    let speaker = sender;
    for (let round = 0; round < groupchat.max_round; round++) {
      groupchat.messages.push({ ...message, name: speaker.name });
      for (const agent of groupchat.agents) if (agent !== speaker) await this.a_send(message, agent, false, true);
      if (round === groupchat.max_round - 1 || message.content === "TERMINATE") break;
      speaker = await groupchat.a_select_speaker(speaker, this);
      const reply = await speaker.a_generate_reply(speaker._oai_messages.get(this)!, this);
      if (reply === null) break;
      await speaker.a_send(typeof reply === "string" ? { content: reply } : reply, this, false);
      message = this._oai_messages.get(speaker)!.at(-1)!;
    }
    return [true, null];
  }
}
