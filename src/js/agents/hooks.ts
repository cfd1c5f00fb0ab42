/** Functions that look at, and may change, what passes through an agent (AG2: `ConversableAgent.register_hook` and the `process_*` methods). */

import type { Agent } from "./agent.js";
import { AgentError } from "./errors.js";
import type { ChatMessage, FunctionCall, MessageContent, MessageInput } from "./message.js";
import { type CallContext, calledWithin } from "./scope.js";

type Awaitable<Value> = Value | Promise<Value>;

/** What a tool call gave, on its way into a message. */
export interface FunctionReturn {
  /** The tool's. */
  name: string;
  /** As in the API's old style; a `tool_calls` answer becomes a `tool_responses` entry of role "tool" later. */
  role: "function";
  /** What the model reads: the result as text, or what went wrong. */
  content: string;
}

/** The hookable methods, each with the kind of function it takes. All may be async; the last argument is the call's context. */
export interface Hooks {
  /** Changes the content of the last message of the conversation before a reply is made. */
  processLastReceivedMessage: (content: MessageContent, context: CallContext) => Awaitable<MessageContent>;
  /** Changes the whole conversation before a reply is made. */
  processAllMessagesBeforeReply: (messages: ChatMessage[], context: CallContext) => Awaitable<ChatMessage[]>;
  /** Changes a message before it is sent. */
  processMessageBeforeSend: (
    details: {
      /** The agent whose hook this is. */
      sender: Agent;
      /** As it was sent, or as the hook before has changed it. */
      message: MessageInput;
      /** Who will get it. */
      recipient: Agent;
      /** Whether it stays off the terminal. */
      silent: boolean;
    },
    context: CallContext,
  ) => Awaitable<MessageInput>;
  /** Called before a reply is made, e.g. to update the system message. */
  updateAgentState: (agent: Agent, messages: ChatMessage[], context: CallContext) => Awaitable<void>;
  /** Changes a tool call before it runs. */
  safeguardToolInputs: (call: FunctionCall, context: CallContext) => Awaitable<FunctionCall | null>;
  /** Changes the result of a tool call. */
  safeguardToolOutputs: (result: FunctionReturn, context: CallContext) => Awaitable<FunctionReturn | null>;
  /** Changes the messages for a model; null blocks the call. */
  safeguardLlmInputs: (messages: ChatMessage[], context: CallContext) => Awaitable<ChatMessage[] | null>;
  /** Changes what a model replied. */
  safeguardLlmOutputs: (reply: string | ChatMessage, context: CallContext) => Awaitable<string | ChatMessage | null>;
  /** Changes what a person typed. */
  safeguardHumanInputs: (reply: string, context: CallContext) => Awaitable<string | null>;
}

/** The name of a hookable method. */
export type HookableMethod = keyof Hooks;

/** The hooks of one agent, called in the order of their registration. */
export class HookLists {
  readonly #lists: { [Method in HookableMethod]: Hooks[Method][] } = {
    processLastReceivedMessage: [],
    processAllMessagesBeforeReply: [],
    processMessageBeforeSend: [],
    updateAgentState: [],
    safeguardToolInputs: [],
    safeguardToolOutputs: [],
    safeguardLlmInputs: [],
    safeguardLlmOutputs: [],
    safeguardHumanInputs: [],
  };

  /** @throws AgentError for a method that is not hookable, or a hook that is there already */
  register<Method extends HookableMethod>(method: Method, hook: Hooks[Method]): void {
    if (!Object.hasOwn(this.#lists, method)) {
      throw new AgentError("invalid_hook", `there is no hook \`${method}\`: use one of ${Object.keys(this.#lists).join(", ")}`);
    }
    const list: Hooks[Method][] = this.#lists[method];
    if (list.includes(hook)) throw new AgentError("invalid_hook", `the \`${method}\` hook is already there`);
    list.push(hook);
  }

  /** The hooks of `method`. */
  of<Method extends HookableMethod>(method: Method): readonly Hooks[Method][] {
    return this.#lists[method];
  }

  /**
   * Passes `value` through the hooks of `method`; null as soon as one of them returns nothing.
   *
   * Here the result of a safeguard hook is what goes on; AG2 0.14 calls the hooks for models but
   * drops what they return.
   */
  async pass<Value>(method: HookableMethod, value: Value, context: CallContext): Promise<Value | null> {
    let passed = value;
    for (const hook of this.#lists[method] as readonly unknown[] as readonly ((value: Value, context: CallContext) => Awaitable<Value | null>)[]) {
      const result = await calledWithin(context, () => hook(passed, context));
      if (result === null || result === undefined) return null;
      passed = result;
    }
    return passed;
  }

  /** Like `pass`, where a hook must not block. @throws AgentError if one returns null */
  async passOrThrow<Value>(method: HookableMethod, value: Value, context: CallContext): Promise<Value> {
    const passed = await this.pass(method, value, context);
    if (passed === null) throw new AgentError("invalid_hook", `a \`${method}\` hook must return the value to go on with, not null`);
    return passed;
  }
}

/**
 * The conversation as a reply function sees it: after the hooks for agent state, last message and
 * all messages, in AG2's order (`generate_reply`).
 */
export async function prepareMessages(hooks: HookLists, agent: Agent, messages: ChatMessage[], context: CallContext): Promise<ChatMessage[]> {
  for (const hook of hooks.of("updateAgentState")) await calledWithin(context, () => hook(agent, messages, context));
  let prepared = await processLast(hooks, messages, context);
  for (const hook of hooks.of("processAllMessagesBeforeReply")) prepared = await calledWithin(context, () => hook(prepared, context));
  return prepared;
}

/**
 * AG2: `process_last_received_message`. A changed content goes into a copy of the message: AG2 says
 * that the history is not affected, but writes into it.
 */
async function processLast(hooks: HookLists, messages: ChatMessage[], context: CallContext): Promise<ChatMessage[]> {
  const list = hooks.of("processLastReceivedMessage");
  const last = messages.at(-1);
  if (list.length === 0 || last === undefined || "function_call" in last || "context" in last) return messages;
  const content = last.content;
  if (!(typeof content === "string" || Array.isArray(content)) || content === "exit") return messages;
  let processed: MessageContent = content;
  for (const hook of list) processed = await calledWithin(context, () => hook(processed, context));
  return processed === content ? messages : [...messages.slice(0, -1), { ...last, content: processed }];
}
