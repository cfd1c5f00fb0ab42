/** The results of chats (AG2: agentchat/chat.py, `ChatResult`). */

import type { ChatMessage } from "../message/message.js";
import type { AgentError } from "../util/errors.js";
import type { ChatCost } from "../models/usage.js";

/** The result of a chat. The data in its fields has AG2's key names, so that both languages write the same JSON. */
export interface ChatResult {
  /** A random whole number below 2^53. (Python's has 128 bits, which JSON and OTLP cannot carry.) */
  readonly chatId: number;
  /** The conversation, copied from the initiator's history: later chats do not change it. */
  readonly chatHistory: readonly ChatMessage[];
  /** The summary that `summaryMethod` made; by default the last message, without the word "TERMINATE". */
  readonly summary: string;
  /** The usage of the two agents so far, including earlier chats. */
  readonly cost: ChatCost;
  /** The replies that persons typed for the initiator. */
  readonly humanInput: readonly string[];
  /** The value of the last reply of a model with `responseFormat`: checked, with defaults, converted. */
  readonly parsed?: unknown;
  /** Why that reply has no value: code "refusal", or "invalid_response" for a text that does not fit. */
  readonly parseError?: AgentError | undefined;
}

/** The results of several chats: in the order of their queue, or by `chatId` if the chats have ids. */
export type ChatResults = ChatResult[] | Map<number, ChatResult>;

/** A new chat id. */
export function newChatId(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
}
