/** What a chat gives (AG2: agentchat/chat.py, `ChatResult`). */

import type { ChatMessage } from "./message.js";
import type { ChatCost } from "./usage.js";

/** The result of a chat. The data inside keeps AG2's key names, so that it reads the same in both languages. */
export interface ChatResult {
  /** A random whole number below 2^53. (Python's has 128 bits, which JSON and OTLP cannot carry.) */
  readonly chatId: number;
  /** The conversation as the initiator knows it. A copy: later chats do not change it. */
  readonly chatHistory: readonly ChatMessage[];
  /** What `summaryMethod` made of the chat; by default the last message, without the word "TERMINATE". */
  readonly summary: string;
  /** What the two agents have used so far, earlier chats included. */
  readonly cost: ChatCost;
  /** What persons typed on the initiator's side. */
  readonly humanInput: readonly string[];
}

/** A new chat id. */
export function newChatId(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
}
