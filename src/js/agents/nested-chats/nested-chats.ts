/** Replies that are made by chats within the chat (AG2: `ConversableAgent.register_nested_chats`, `_summary_from_nested_chats`, `_get_chats_to_run`). */

import { type ChatQueueEntry, checkQueue, staffed } from "../chat-queue.js";
import { runQueue } from "../chats.js";
import type { ConversableAgent } from "../conversable-agent.js";
import { AgentError } from "../errors.js";
import type { MessageInput } from "../message.js";
import { contextFromOuterChat, type NestedCarryoverConfig } from "./nested-carryover.js";
import type { RegisterReplyOptions, ReplyFunction, ReplyResult, ReplyTrigger } from "../reply-chain.js";
import type { CallContext } from "../scope.js";

/** Makes the first message of a nested chat. It gets what a reply function gets; without a message the chat is left out. */
export type NestedMessageFunction = (
  ...args: Parameters<ReplyFunction>
) => MessageInput | null | undefined | Promise<MessageInput | null | undefined>;

/** One nested chat; the sender not given is the agent that replies. */
export interface NestedChatEntry extends Omit<ChatQueueEntry, "message"> {
  /** Who is talked to. */
  recipient: ConversableAgent;
  /** The first message, or what makes it. Not given: the last message of the outer chat, for the first entry; other entries are left out. */
  message?: MessageInput | NestedMessageFunction | null | undefined;
  /** For the first entry: what of the outer chat goes along with its message. */
  carryoverConfig?: NestedCarryoverConfig | undefined;
}

/** Makes a reply of nested chats in its own way. */
export type NestedReplyFunction = (
  chatQueue: readonly NestedChatEntry[],
  ...args: Parameters<ReplyFunction>
) => ReplyResult | Promise<ReplyResult>;

/** Options of `registerNestedChats`. */
export interface RegisterNestedChatsOptions extends Omit<RegisterReplyOptions, "removeOtherReplyFuncs"> {
  /** What makes the reply; not given: the summary of the last chat. */
  replyFuncFromNestedChats?: "summary_from_nested_chats" | NestedReplyFunction | undefined;
  /**
   * The place among the agent's reply functions; not given: 1, behind the one that ends the
   * conversation or asks a person. (In AG2 that is 2, because there it has an async twin.)
   */
  position?: number | undefined;
}

/**
 * Lets `agent` answer the senders that `trigger` describes with what chats of `chatQueue` come to.
 * The chats are part of the reply that they make.
 *
 * A function, not a method as in AG2, so that a page without nested chats does not load them.
 *
 * @throws AgentError for chats that do not fit together
 * @example
 * const critic = new AssistantAgent({ name: "critic", systemMessage: "You find what is missing.", llmConfig });
 * // What `guide` answers `user` is what came of a talk with the critic.
 * registerNestedChats(guide, [{ recipient: critic, message: "What is missing in this plan?", maxTurns: 1 }], user);
 */
export function registerNestedChats(
  agent: ConversableAgent,
  chatQueue: readonly NestedChatEntry[],
  trigger: ReplyTrigger,
  { replyFuncFromNestedChats = "summary_from_nested_chats", position = 1, ...options }: RegisterNestedChatsOptions = {},
): void {
  const makeReply = replyFuncFromNestedChats === "summary_from_nested_chats" ? summaryFromNestedChats : replyFuncFromNestedChats;
  if (typeof makeReply !== "function") {
    throw new AgentError("invalid_option", '`replyFuncFromNestedChats` must be "summary_from_nested_chats" or a function');
  }
  // A recipient may be missing only in programs without types.
  for (const [index, { recipient }] of chatQueue.entries()) {
    if (recipient === undefined) throw new AgentError("invalid_option", `nested chat ${index} has no \`recipient\`: give it one`);
  }
  const withIds = chatQueue.filter(({ chatId }) => chatId !== undefined).length;
  if (withIds > 0 && withIds < chatQueue.length) throw new AgentError("invalid_option", "either every nested chat has a `chatId`, or none");
  agent.registerReply(trigger, (...args) => makeReply(chatQueue, ...args), { ...options, position });
}

/** The summary of the last nested chat; without any chat to run the conversation ends. */
async function summaryFromNestedChats(chatQueue: readonly NestedChatEntry[], ...args: Parameters<ReplyFunction>): Promise<ReplyResult> {
  const [recipient] = args;
  const context: CallContext = args[4];
  const chats = staffed(await chatsToRun(chatQueue, args), recipient);
  const last = chats.at(-1);
  if (last === undefined) return [true, undefined];
  checkQueue(chats);
  const results = await runQueue(chats, { scope: context.scope, signal: context.signal, silent: context.silent });
  const result = Array.isArray(results) ? results.at(-1) : results.get(last.chatId as number);
  return [true, result?.summary];
}

/** The chats that have a message (AG2: `_get_chats_to_run`). */
async function chatsToRun(chatQueue: readonly NestedChatEntry[], args: Parameters<ReplyFunction>): Promise<ChatQueueEntry[]> {
  const messages = args[1];
  const ready: ChatQueueEntry[] = [];
  for (const [index, { carryoverConfig, message: given, ...entry }] of chatQueue.entries()) {
    const isFirst = index === 0;
    let message = typeof given === "function" ? await (given as NestedMessageFunction)(...args) : given;
    if (isFirst && carryoverConfig !== undefined) message = await contextFromOuterChat(message, entry.recipient, carryoverConfig, args);
    // A function that makes nothing leaves its chat out; only where no message was given the outer chat's stands in.
    if (isFirst && given == null) message ??= messages.at(-1)?.content as MessageInput | null | undefined;
    if (message) ready.push({ ...(entry as ChatQueueEntry), message });
  }
  return ready;
}

