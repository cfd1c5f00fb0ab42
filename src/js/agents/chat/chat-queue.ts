/**
 * Queues of chats and their validation (AG2: agentchat/utils.py, `consolidate_chat_info`; agentchat/chat.py,
 * `_validate_recipients`).
 */

import type { Carryover } from "./carryover.js";
import { CHAT_OPTIONS, type InitiateChatOptions } from "./chat.js";
import { agentState } from "../agent/agent-state.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError, invalidOption } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { quoted } from "../util/lists.js";
import { warn } from "../util/warn.js";
import { checkSummaryMethod } from "./summary.js";

/** One chat of a queue: sender, recipient and the options of `initiateChat`. */
export interface ChatQueueEntry extends InitiateChatOptions {
  /** The agent that starts the chat; not given: the agent whose `initiateChats` is called. */
  sender?: ConversableAgent | undefined;
  /** The agent on the other side. For one that is in the queue twice, `clearHistory: false` keeps its history. */
  recipient: ConversableAgent;
  /** The carryover that follows the first message, before the summaries of earlier chats. */
  carryover?: Carryover | undefined;
  /**
   * The chats whose summaries are not carried over: their indexes in the queue, or their `chatId`s
   * if the chats have ids.
   */
  finishedChatIndexesToExcludeFromCarryover?: readonly number[] | undefined;
  /** Whether message and carryover are printed before the chat starts. */
  verbose?: boolean | undefined;
  /** The id of the chat. Chats with ids run concurrently, each after its `prerequisites`. */
  chatId?: number | undefined;
  /** The `chatId`s of chats that have to end first. Only their summaries are carried over. */
  prerequisites?: readonly number[] | undefined;
}

/** The rules of the options. */
export const QUEUE_OPTIONS: OptionRules<ChatQueueEntry> = {
  recipient: "any",
  sender: "any",
  finishedChatIndexesToExcludeFromCarryover: "any",
  verbose: "flag",
  chatId: "any",
  prerequisites: "any",
  ...CHAT_OPTIONS,
};

/** A chat that has an id. */
export interface ChatWithId extends ChatQueueEntry {
  /** A whole number, different in each entry; the key of the chat's result. */
  chatId: number;
}

/** An entry with its sender. */
export type ResolvedChat = ChatQueueEntry & { sender: ConversableAgent };

/**
 * The queue with `sender` as the sender of entries that name none.
 *
 * @throws AgentError if an entry has no sender
 */
export function resolveSenders(
  chatQueue: readonly ChatQueueEntry[],
  sender: ConversableAgent | undefined,
): ResolvedChat[] {
  if (!Array.isArray(chatQueue)) throw invalidOption("chatQueue", "a list of chats: `[{ recipient, message }]`");
  return chatQueue.map((entry: ChatQueueEntry, index) => {
    checkOptions(`chat ${index} of the queue`, entry, QUEUE_OPTIONS, true);
    const own = entry.sender ?? sender;
    if (own === undefined)
      throw new AgentError("missing_sender", `chat ${index} of the queue has no \`sender\`: give it one`);
    return { ...entry, sender: own };
  });
}

/**
 * Checks before the first chat whether all of them can run, and warns of probable mistakes.
 */
export function checkQueue(chatQueue: readonly ResolvedChat[]): void {
  for (const [index, { sender, recipient, summaryMethod = "last_msg" }] of chatQueue.entries()) {
    if (recipient?.[agentState] === undefined)
      throw new AgentError("invalid_option", `chat ${index} of the queue has no \`recipient\`: give it an agent`);
    checkSummaryMethod(summaryMethod, sender, recipient);
  }
  if (hasIds(chatQueue)) checkIds(chatQueue);
  if (new Set(chatQueue.map(({ recipient }) => recipient)).size < chatQueue.length) {
    warn("a recipient is more than once in the queue: give `clearHistory: false` to keep its history");
  }
}

/** Whether the chats have ids, so that they run by prerequisites instead of in sequence. */
export function hasIds(chatQueue: readonly ChatQueueEntry[]): chatQueue is readonly (ResolvedChat & ChatWithId)[] {
  return chatQueue.some(({ chatId, prerequisites }) => chatId !== undefined || prerequisites !== undefined);
}

/**
 * Checks ids and prerequisites (AG2: chat.py, `__create_async_prerequisites`, which runs nothing and reports nothing
 * for a cycle or an unknown chat).
 */
function checkIds(chatQueue: readonly ChatQueueEntry[]): void {
  const pending = new Map<number, readonly number[]>();
  for (const { chatId, prerequisites = [] } of chatQueue) {
    if (!Number.isInteger(chatId))
      throw new AgentError("invalid_option", "every chat of the queue needs a `chatId`, a whole number");
    if (pending.has(chatId as number))
      throw new AgentError("invalid_option", `two chats of the queue have the \`chatId\` \`${chatId}\``);
    pending.set(chatId as number, prerequisites);
  }
  for (const [chatId, prerequisites] of pending) {
    const unknown = prerequisites.find((id) => !pending.has(id));
    if (unknown !== undefined)
      throw new AgentError(
        "invalid_option",
        `chat \`${chatId}\` waits for chat \`${String(unknown)}\`, which is not in the queue`,
      );
  }
  let before: number;
  do {
    before = pending.size;
    for (const [chatId, prerequisites] of pending)
      if (!prerequisites.some((id) => pending.has(id))) pending.delete(chatId);
  } while (pending.size < before);
  if (before > 0)
    throw new AgentError("invalid_option", `the chats ${quoted([...pending.keys()])} wait for each other`);
}
