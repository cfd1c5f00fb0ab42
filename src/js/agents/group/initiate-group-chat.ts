/** Group chats by a pattern (AG2: agentchat/group/multi_agent_chat.py, `initiate_group_chat`). */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import type { ChatResult } from "../chat/chat-result.js";
import type { Cache } from "../models/cache.js";
import type { ChatMessage } from "../message/message.js";
import { restoreGroupChat } from "../resume/restore-group-chat.js";
import type { Agent, ContextOption } from "../types.js";
import { AgentError, invalidOption, isCount } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import type { ContextVariables } from "./context-variables.js";
import type { Pattern } from "./patterns.js";
import { prepareGroup } from "./prepare-group.js";

/** Options of `initiateGroupChat`. */
export interface InitiateGroupChatOptions {
  /**
   * The first message, or a list of messages, with the speakers' `name`s. Of several the last one starts the chat,
   * and the others are its history: the `chatHistory` of an earlier chat, followed by what is new.
   */
  messages: string | readonly ChatMessage[];
  /** The most messages, including the first; not given: 20. */
  maxRounds?: number | undefined;
  /** Whether the chat is kept off the terminal. */
  silent?: boolean | undefined;
  /** The cache for responses of models. */
  cache?: Cache | null | undefined;
  /** The signal that ends the chat early: it throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** The context of the call: pass on the one that your callback received. */
  context?: ContextOption | undefined;
}

/** The rules of the options. */
export const GROUP_OPTIONS: OptionRules<InitiateGroupChatOptions> = {
  messages: "any",
  maxRounds: "count",
  silent: "flag",
  cache: "any",
  signal: "signal",
  context: "parent",
};

/** Checks the first argument of a function that runs a group chat. @throws AgentError `invalid_option` */
export function checkPattern(what: string, pattern: Pattern): void {
  if (typeof pattern?.setHandoffs !== "function")
    throw invalidOption("pattern", `a pattern, such as a \`DefaultPattern\`: \`${what}(pattern, { messages })\``);
}

/** The result of a group chat, its context variables, and the agent that spoke last. */
export type GroupChatOutcome = readonly [result: ChatResult, contextVariables: ContextVariables, lastSpeaker: Agent];

/**
 * Runs a group chat by a pattern to its end. The context variables are the pattern's own.
 *
 * @throws AgentError for invalid handoffs, guardrails and messages, and errors of models and of functions of yours
 * @example
 * const pattern = new DefaultPattern({ initialAgent: assistant, agents: [assistant, guide], userAgent: user });
 * const [{ summary }, contextVariables, lastSpeaker] = await initiateGroupChat(pattern, {
 *   messages: "Plan two days in Lisbon.",
 *   maxRounds: 10,
 * });
 * console.log(summary, contextVariables.toDict(), lastSpeaker.name);
 */
export async function initiateGroupChat(
  pattern: Pattern,
  groupOptions: InitiateGroupChatOptions,
): Promise<GroupChatOutcome> {
  checkPattern("initiateGroupChat", pattern);
  checkOptions("initiateGroupChat", groupOptions, GROUP_OPTIONS);
  const { messages: given, maxRounds = 20, ...options } = groupOptions;
  if (!isCount(maxRounds)) throw invalidOption("maxRounds", "a whole number");
  const messages: readonly ChatMessage[] =
    typeof given === "string" ? [{ role: "user", content: given }] : given.map((message) => ({ ...message }));
  const first = messages[0];
  const last = messages.at(-1);
  if (first === undefined || last === undefined)
    throw new AgentError("invalid_option", "`messages` is empty: give the message that starts the chat");
  const hasUnnamedStart = last.name == null && last.role !== "assistant" && !last.tool_calls;
  const { group, user, leave } = prepareGroup(pattern, maxRounds, hasUnnamedStart, initiateGroupChat);
  const { groupChat, manager, speakers } = group;
  try {
    const known = [...speakers, ...(user ? [user] : [])];
    if (first.name != null && !known.some(({ name }) => name === first.name)) {
      throw new AgentError(
        "invalid_name",
        `the first message is from \`${first.name}\`, which is not in the group: add an agent of that name`,
      );
    }
    let starter: ConversableAgent | undefined = known.find(({ name }) => name === last.name) ?? user;
    let message = last;
    if (messages.length > 1) {
      if (hasUnnamedStart && user) last.name = user.name;
      [starter, message] = await restoreGroupChat(manager, messages);
    }
    if (starter === undefined)
      throw new AgentError("invalid_option", "no agent starts the chat: give the last message the `name` of one");
    const { silent } = options;
    const result = await starter.initiateChat(manager, {
      message,
      clearHistory: messages.length === 1,
      summaryMethod: pattern.summaryMethod,
      ...options,
      ...(silent !== undefined && { silent }),
    });
    return [result, group.variables, manager.lastSpeaker ?? (groupChat.agents[0] as Agent)];
  } finally {
    leave();
  }
}
