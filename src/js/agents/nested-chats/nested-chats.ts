/**
 * Replies that are made by nested chats (AG2: `ConversableAgent.register_nested_chats`, `_summary_from_nested_chats`,
 * `_get_chats_to_run`).
 */

import { type ChatQueueEntry, checkQueue, QUEUE_OPTIONS, resolveSenders } from "../chat/chat-queue.js";
import { runQueue } from "../chat/chats.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError } from "../util/errors.js";
import type { MessageInput } from "../message/message.js";
import { contextFromOuterChat, type NestedCarryoverConfig } from "./nested-carryover.js";
import {
  REGISTER_REPLY_OPTIONS,
  type RegisterReplyOptions,
  type ReplyFunction,
  type ReplyResult,
  type ReplyTrigger,
} from "../agent/reply-chain.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import type { CallContext } from "../types.js";

/**
 * Makes the first message of a nested chat, with the arguments of a reply function. Without a message the chat is
 * skipped.
 */
export type NestedMessageFunction = (
  ...args: Parameters<ReplyFunction>
) => MessageInput | null | undefined | Promise<MessageInput | null | undefined>;

/** One nested chat; without a `sender`, the agent that replies is the sender. */
export interface NestedChatEntry extends Omit<ChatQueueEntry, "message"> {
  /** The agent on the other side. */
  recipient: ConversableAgent;
  /**
   * The first message, or a function that makes it. Not given: the last message of the outer chat for the
   * first entry; other entries are skipped.
   */
  message?: MessageInput | NestedMessageFunction | null | undefined;
  /** The carryover from the outer chat, for the first entry. */
  carryoverConfig?: NestedCarryoverConfig | undefined;
}

/** Makes a reply by nested chats. */
export type NestedReplyFunction = (
  chatQueue: readonly NestedChatEntry[],
  ...args: Parameters<ReplyFunction>
) => ReplyResult | Promise<ReplyResult>;

/** Options of `registerNestedChats`. */
export interface RegisterNestedChatsOptions extends Omit<RegisterReplyOptions, "removeOtherReplyFuncs"> {
  /** The function that makes the reply; not given: the reply is the summary of the last chat. */
  replyFuncFromNestedChats?: "summary_from_nested_chats" | NestedReplyFunction | undefined;
  /**
   * The position among the agent's reply functions; not given: 1, after the one that ends the
   * conversation or asks a person. (In AG2 that is 2, because that function exists twice there.)
   */
  position?: number | undefined;
}

const NESTED_CHAT_OPTIONS: OptionRules<NestedChatEntry> = { ...QUEUE_OPTIONS, carryoverConfig: "any" };
const REGISTER_NESTED_OPTIONS: OptionRules<RegisterNestedChatsOptions> = {
  ...REGISTER_REPLY_OPTIONS,
  replyFuncFromNestedChats: "any",
};

/**
 * Lets `agent` reply to the senders that match `trigger` with the result of the chats in `chatQueue`.
 * The chats are part of the reply that they make.
 *
 * It is a function, not a method as in AG2, so that only pages with nested chats load it.
 *
 * @throws AgentError for an invalid queue
 * @example
 * const critic = new AssistantAgent({ name: "critic", systemMessage: "You find what is missing.", llmConfig });
 * // The reply of `guide` to `user` is the summary of its chat with the critic.
 * registerNestedChats(guide, [{ recipient: critic, message: "What is missing in this plan?", maxTurns: 1 }], user);
 */
export function registerNestedChats(
  agent: ConversableAgent,
  chatQueue: readonly NestedChatEntry[],
  trigger: ReplyTrigger,
  registerOptions: RegisterNestedChatsOptions = {},
): void {
  checkOptions("registerNestedChats", registerOptions, REGISTER_NESTED_OPTIONS);
  const { replyFuncFromNestedChats = "summary_from_nested_chats", position = 1, ...options } = registerOptions;
  const makeReply =
    replyFuncFromNestedChats === "summary_from_nested_chats" ? summaryFromNestedChats : replyFuncFromNestedChats;
  if (typeof makeReply !== "function") {
    throw new AgentError(
      "invalid_option",
      '`replyFuncFromNestedChats` must be "summary_from_nested_chats" or a function',
    );
  }
  // In programs without types an agent, a list or a recipient may be missing.
  if (typeof agent?.registerReply !== "function" || !Array.isArray(chatQueue))
    throw new AgentError("invalid_option", "`registerNestedChats` takes an agent, a list of chats and a trigger");
  for (const [index, entry] of (chatQueue as readonly NestedChatEntry[]).entries()) {
    checkOptions(`nested chat ${index}`, entry, NESTED_CHAT_OPTIONS, true);
    if (entry.recipient === undefined)
      throw new AgentError("invalid_option", `nested chat ${index} has no \`recipient\`: give it one`);
  }
  const withIds = chatQueue.filter(({ chatId }) => chatId !== undefined).length;
  if (withIds > 0 && withIds < chatQueue.length)
    throw new AgentError("invalid_option", "either every nested chat has a `chatId`, or none");
  agent.registerReply(trigger, (...args) => makeReply(chatQueue, ...args), { ...options, position });
}

/** Replies with the summary of the last nested chat; without any chat to run the conversation ends. */
async function summaryFromNestedChats(
  chatQueue: readonly NestedChatEntry[],
  ...args: Parameters<ReplyFunction>
): Promise<ReplyResult> {
  const [recipient] = args;
  const context: CallContext = args[4];
  const chats = resolveSenders(await chatsToRun(chatQueue, args), recipient);
  const last = chats.at(-1);
  if (last === undefined) return [true, undefined];
  checkQueue(chats);
  const results = await runQueue(chats, { scope: context.scope, signal: context.signal, silent: context.silent });
  const result = Array.isArray(results) ? results.at(-1) : results.get(last.chatId as number);
  return [true, result?.summary];
}

/** The chats that have a message (AG2: `_get_chats_to_run`). */
async function chatsToRun(
  chatQueue: readonly NestedChatEntry[],
  args: Parameters<ReplyFunction>,
): Promise<ChatQueueEntry[]> {
  const messages = args[1];
  const ready: ChatQueueEntry[] = [];
  for (const [index, { carryoverConfig, message: given, ...entry }] of chatQueue.entries()) {
    const isFirst = index === 0;
    let message = typeof given === "function" ? await given(...args) : given;
    if (isFirst && carryoverConfig !== undefined)
      message = await contextFromOuterChat(message, entry.recipient, carryoverConfig, args);
    // The outer chat's message is used if none is given; a chat whose function returns none is skipped.
    if (isFirst && given == null) message ??= messages.at(-1)?.content as MessageInput | null | undefined;
    if (message) ready.push({ ...(entry as ChatQueueEntry), message });
  }
  return ready;
}
