/**
 * Hooks, which can read and change the messages and calls of an agent (AG2: `ConversableAgent.register_hook`,
 * `process_*`).
 */

import type { Agent, CallContext } from "../types.js";
import { AgentError } from "../util/errors.js";
import type { ChatMessage, FunctionCall, MessageContent, MessageInput } from "../message/message.js";
import { withScope } from "../observe/observer.js";

type Awaitable<Value> = Value | Promise<Value>;

/** The result of a tool call, before it becomes part of a message. */
export interface FunctionReturn {
  /** The name of the tool. */
  name: string;
  /** The role in the API's old style; the response to `tool_calls` later becomes one of role "tool". */
  role: "function";
  /** The text that the model gets: the result, or the error. */
  content: string;
}

/** The hookable methods with the type of their hooks. All may be async; the last argument is the call's context. */
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
      /** The message as it was sent, or as the hook before changed it. */
      message: MessageInput;
      /** The agent that will receive it. */
      recipient: Agent;
      /** Whether it is kept off the terminal. */
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
  /** Changes the reply of a model. */
  safeguardLlmOutputs: (reply: string | ChatMessage, context: CallContext) => Awaitable<string | ChatMessage | null>;
  /** Changes the reply of a person. */
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

  /** Adds a hook. @throws AgentError for a method that is not hookable, or a hook that is registered already */
  register<Method extends HookableMethod>(method: Method, hook: Hooks[Method]): void {
    if (!Object.hasOwn(this.#lists, method)) {
      throw new AgentError(
        "invalid_hook",
        `there is no hook \`${method}\`: use one of ${Object.keys(this.#lists).join(", ")}`,
      );
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
   * Applies the hooks of `method` to `value`, one after the other; null as soon as one of them
   * returns nothing. (AG2 0.14 calls the safeguard hooks for models but drops their results.)
   */
  async apply<Value>(method: HookableMethod, value: Value, context: CallContext): Promise<Value | null> {
    let current = value;
    for (const hook of this.#lists[method] as readonly unknown[] as readonly ((
      value: Value,
      context: CallContext,
    ) => Awaitable<Value | null>)[]) {
      const result = await withScope(context.scope, () => hook(current, context));
      if (result === null || result === undefined) return null;
      current = result;
    }
    return current;
  }

  /** Applies hooks that must not block. @throws AgentError if one returns null */
  async applyOrThrow<Value>(method: HookableMethod, value: Value, context: CallContext): Promise<Value> {
    const result = await this.apply(method, value, context);
    if (result === null)
      throw new AgentError("invalid_hook", `a \`${method}\` hook must return the value to go on with, not null`);
    return result;
  }
}

/**
 * The conversation for reply functions: after the hooks for agent state, last message and all
 * messages, in AG2's order (`generate_reply`).
 */
export async function prepareMessages(
  hooks: HookLists,
  agent: Agent,
  messages: ChatMessage[],
  context: CallContext,
): Promise<ChatMessage[]> {
  for (const hook of hooks.of("updateAgentState")) await withScope(context.scope, () => hook(agent, messages, context));
  let prepared = await processLast(hooks, messages, context);
  for (const hook of hooks.of("processAllMessagesBeforeReply"))
    prepared = await withScope(context.scope, () => hook(prepared, context));
  return prepared;
}

/**
 * Applies the hooks for the last message (AG2: `process_last_received_message`). A changed content
 * is set on a copy: AG2 documents that the history is not affected, but changes it.
 */
async function processLast(hooks: HookLists, messages: ChatMessage[], context: CallContext): Promise<ChatMessage[]> {
  const list = hooks.of("processLastReceivedMessage");
  const last = messages.at(-1);
  if (list.length === 0 || last === undefined || "function_call" in last || "context" in last) return messages;
  const content = last.content;
  if (!(typeof content === "string" || Array.isArray(content)) || content === "exit") return messages;
  let processed: MessageContent = content;
  for (const hook of list) processed = await withScope(context.scope, () => hook(processed, context));
  return processed === content ? messages : [...messages.slice(0, -1), { ...last, content: processed }];
}
