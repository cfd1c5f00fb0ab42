/** Queues of chats, and whether they fit together (AG2: agentchat/utils.py, `consolidate_chat_info`; agentchat/chat.py, `_validate_recipients`). */

import type { Carryover } from "./carryover.js";
import type { InitiateChatOptions } from "./chat.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "./errors.js";
import { quoted } from "./lists.js";
import { warn } from "./warn.js";
import { checkSummaryMethod } from "./summary.js";

/** One chat of several: who talks to whom, and the options of `initiateChat`. */
export interface ChatQueueEntry extends InitiateChatOptions {
  /** Who begins; not given: the agent whose `initiateChats` is called. */
  sender?: ConversableAgent | undefined;
  /** Who is talked to. Where one is there twice, `clearHistory: false` keeps what it knows from the chat before. */
  recipient: ConversableAgent;
  /** Put behind the first message, before the summaries of the chats that went before. */
  carryover?: Carryover | undefined;
  /**
   * Chats whose summaries are not carried over: their places in the queue, counted from 0; their
   * `chatId`s where the chats have ids.
   */
  finishedChatIndexesToExcludeFromCarryover?: readonly number[] | undefined;
  /** Shows message and carryover before the chat begins. */
  verbose?: boolean | undefined;
  /** Names the chat. With ids the chats run at the same time, but for their `prerequisites`. */
  chatId?: number | undefined;
  /** The `chatId`s of chats that have to be over first. Only their summaries are carried over. */
  prerequisites?: readonly number[] | undefined;
}

/** A chat that has an id. */
export interface ChatWithId extends ChatQueueEntry {
  /** A whole number, different in each entry; the chat's result comes under it. */
  chatId: number;
}

/** An entry whose sender is known. */
export type StaffedChat = ChatQueueEntry & { sender: ConversableAgent };

/**
 * The queue with `sender` where an entry names none.
 *
 * @throws AgentError where there is none
 */
export function staffed(chatQueue: readonly ChatQueueEntry[], sender: ConversableAgent | undefined): StaffedChat[] {
  return chatQueue.map((entry, index) => {
    const own = entry.sender ?? sender;
    if (own === undefined) throw new AgentError("missing_sender", `chat ${index} of the queue has no \`sender\`: give it one`);
    return { ...entry, sender: own };
  });
}

/**
 * Finds out before the first chat whether all of them can run, and warns of what is probably a
 * mistake.
 */
export function checkQueue(chatQueue: readonly StaffedChat[]): void {
  for (const [index, { sender, recipient, summaryMethod = "last_msg" }] of chatQueue.entries()) {
    if (recipient === undefined) throw new AgentError("invalid_option", `chat ${index} of the queue has no \`recipient\`: give it one`);
    checkSummaryMethod(summaryMethod, sender, recipient);
  }
  if (hasIds(chatQueue)) checkIds(chatQueue);
  if (new Set(chatQueue.map(({ recipient }) => recipient)).size < chatQueue.length) {
    warn("a recipient is more than once in the queue: give `clearHistory: false` to keep its history");
  }
}

/** Whether the chats run by their prerequisites instead of one after the other. */
export function hasIds(chatQueue: readonly ChatQueueEntry[]): chatQueue is readonly (StaffedChat & ChatWithId)[] {
  return chatQueue.some(({ chatId, prerequisites }) => chatId !== undefined || prerequisites !== undefined);
}

/** AG2: chat.py, `__create_async_prerequisites`. For a circle, or an unknown chat, AG2 runs nothing and says nothing. */
function checkIds(chatQueue: readonly ChatQueueEntry[]): void {
  const waiting = new Map<number, readonly number[]>();
  for (const { chatId, prerequisites = [] } of chatQueue) {
    if (!Number.isInteger(chatId)) throw new AgentError("invalid_option", "every chat of the queue needs a `chatId`, a whole number");
    if (waiting.has(chatId as number)) throw new AgentError("invalid_option", `two chats of the queue have the \`chatId\` \`${chatId}\``);
    waiting.set(chatId as number, prerequisites);
  }
  for (const [chatId, prerequisites] of waiting) {
    const unknown = prerequisites.find((id) => !waiting.has(id));
    if (unknown !== undefined) throw new AgentError("invalid_option", `chat \`${chatId}\` waits for chat \`${String(unknown)}\`, which is not in the queue`);
  }
  let before: number;
  do {
    before = waiting.size;
    for (const [chatId, prerequisites] of waiting) if (!prerequisites.some((id) => waiting.has(id))) waiting.delete(chatId);
  } while (waiting.size < before);
  if (before > 0) throw new AgentError("invalid_option", `the chats ${quoted([...waiting.keys()])} wait for each other`);
}
