/** What agents need to know of each other (AG2: agentchat/agent.py, `Agent`). */

import type { ChatMessage, MessageInput } from "./message.js";
import type { Named } from "./observer.js";
import type { ContextOption } from "./scope.js";

/** Options of `send` and `receive`. */
export interface DeliveryOptions {
  /** Whether the receiver shall answer; not given: as agreed at the start of their chat. */
  requestReply?: boolean | undefined;
  /** Keeps the message off the terminal. */
  silent?: boolean | undefined;
  /** Where this is called from. */
  context?: ContextOption | undefined;
}

/** Options of `generateReply`; one of `messages` and `sender` is needed. */
export interface GenerateReplyOptions {
  /** The conversation to reply to; not given: the history with `sender`. */
  messages?: ChatMessage[] | undefined;
  /** Who the reply is for. */
  sender?: Agent | undefined;
  /** Reply functions to pass over this time. */
  exclude?: readonly unknown[] | undefined;
  /** Where this is called from. */
  context?: ContextOption | undefined;
}

/** Anything that can take part in a chat. */
export interface Agent extends Named {
  /** What other agents, and the model that chooses speakers, are told of it. */
  readonly description: string;
  /** Hands a message of this agent to another, and resolves when that one has done with it. */
  send(message: MessageInput, recipient: Agent, options?: DeliveryOptions): Promise<void>;
  /** Takes a message in, and replies to its sender if a reply is due. */
  receive(message: MessageInput, sender: Agent, options?: DeliveryOptions): Promise<void>;
  /** What this agent has to say; `undefined` if nothing. */
  generateReply(options: GenerateReplyOptions): Promise<string | ChatMessage | undefined>;
}
