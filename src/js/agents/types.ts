/**
 * The types that agents, their operations and their runs share; in one file, so that those do not import each other.
 */

import type { ChatMessage, MessageInput } from "./message/message.js";
import type { Named, Scope } from "./observe/observer.js";
import type { RunEvent } from "./observe/run-event.js";

/** Options of `send` and `receive`. */
export interface DeliveryOptions {
  /** Whether the receiver must reply; not given: as agreed at the start of their chat. */
  requestReply?: boolean | undefined;
  /** Keeps the message off the terminal. */
  silent?: boolean | undefined;
  /** The context of the call: pass on the one that your callback received. */
  context?: ContextOption | undefined;
}

/** Options of `generateReply`; one of `messages` and `sender` is needed. */
export interface GenerateReplyOptions {
  /** The conversation to reply to; not given: the history with `sender`. */
  messages?: ChatMessage[] | undefined;
  /** The agent that the reply is for. */
  sender?: Agent | undefined;
  /** Reply functions to skip for this reply. */
  exclude?: readonly unknown[] | undefined;
  /** The context of the call: pass on the one that your callback received. */
  context?: ContextOption | undefined;
}

/** Anything that can take part in a chat (AG2: agentchat/agent.py, `Agent`). */
export interface Agent extends Named {
  /** The description that other agents, and the model that selects speakers, get of it. */
  readonly description: string;
  /** Sends a message of this agent to another, and resolves when the recipient has handled it. */
  send(message: MessageInput, recipient: Agent, options?: DeliveryOptions): Promise<void>;
  /** Receives a message, and replies to its sender if a reply is due. */
  receive(message: MessageInput, sender: Agent, options?: DeliveryOptions): Promise<void>;
  /** Makes the agent's reply; `undefined` for none. */
  generateReply(options: GenerateReplyOptions): Promise<string | ChatMessage | undefined>;
}

/**
 * The key under which `run` passes its listener to the chat that it starts. The package does not
 * export the symbol, so that users do not see the field.
 */
export const runListener: unique symbol = Symbol("run listener");

/** The context that public methods take, to know which operation called them; a `CallContext` is one. */
export interface ContextOption {
  /** The operation this call is part of. */
  readonly scope?: Scope | undefined;
  /** Ends the work early: the method throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether messages are kept off the terminal in this chat. */
  readonly silent?: boolean | undefined;
  /** For `send`: the message is a copy of one of this agent, sent on by the manager of a group chat. */
  readonly broadcastOf?: Named | undefined;
  /** @internal */
  readonly [runListener]?: RunListener | undefined;
}

/**
 * The context that tools, reply functions, hooks, `getHumanInput` and `isTerminationMsg` receive.
 * Pass it as `context` to whatever you start inside of them: that work then counts as part of the
 * same operation, and ends with it.
 */
export interface CallContext extends ContextOption {
  /** The current operation; `undefined` only for calls from outside of any. */
  readonly scope: Scope | undefined;
  /** The agent that makes the call. */
  readonly agent: Agent;
  /** The agent on the other side of the conversation. */
  readonly sender?: Agent | undefined;
  /** For tools in a group: a copy of the context variables. Give changed ones back in a `ReplyResult`. */
  readonly contextVariables?: Record<string, unknown> | undefined;
}

/** The receiver of a run's events. */
export interface RunListener {
  /** Takes an event. The run waits for the promise, if there is one. */
  onEvent(event: RunEvent): Promise<void> | undefined;
  /** Asks the person who follows the run. */
  ask(prompt: string, context: CallContext): Promise<string>;
}
