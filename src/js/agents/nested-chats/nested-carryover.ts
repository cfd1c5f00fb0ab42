/**
 * The carryover from the outer chat to the first nested chat (AG2:
 * `ConversableAgent._process_nested_chat_carryover`).
 */

import { agentState } from "../agent/agent-state.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError } from "../util/errors.js";
import { type ChatMessage, contentText, type MessageInput } from "../message/message.js";
import type { ReplyFunction } from "../agent/reply-chain.js";
import type { CallContext } from "../types.js";
import { summarize } from "../chat/summary.js";

/** Makes the carryover for a nested chat from the messages of the outer one. */
export type NestedCarryoverFunction = (
  agent: ConversableAgent,
  messages: ChatMessage[],
  summaryArgs: Readonly<Record<string, unknown>>,
  context: CallContext,
) => string | readonly ChatMessage[] | Promise<string | readonly ChatMessage[]>;

/** The carryover from the outer chat that is appended to the first message of a nested chat. */
export interface NestedCarryoverConfig {
  /** The method: all messages, the last one, a model's summary, or a function. */
  summaryMethod: "all" | "last_msg" | "reflection_with_llm" | NestedCarryoverFunction;
  /** The arguments for the summary: `summaryPrompt`, `summaryRole`, or those of your own function. */
  summaryArgs?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * The number of newest messages that are ignored, as in AG2: in a group chat these are the messages
 * that selected the nested chat.
 */
const IGNORED_NEWEST = 2;

/**
 * The first message, followed by the carryover from the outer chat.
 *
 * @throws AgentError for a message that is no text, or an unknown method
 */
export async function contextFromOuterChat(
  message: MessageInput | null | undefined,
  recipient: ConversableAgent,
  { summaryMethod, summaryArgs }: NestedCarryoverConfig,
  [agent, messages, sender, , context]: Parameters<ReplyFunction>,
): Promise<string> {
  if (message && typeof message !== "string")
    throw new AgentError("invalid_option", "a nested chat with `carryoverConfig` needs a text as its `message`");
  // Copies, so that the outer chat does not get the changes that a summary makes.
  const outerMessages = messages.slice(0, -IGNORED_NEWEST).map((each) => ({ ...each }));
  const carryover = await carryoverOf(outerMessages);
  const text =
    typeof carryover === "string"
      ? carryover
      : carryover.flatMap(({ content }) => (content == null ? [] : [contentText(content)])).join("\n");
  return `${message ? `${message}\n` : ""}Context:\n${text}`;

  async function carryoverOf(outerMessages: ChatMessage[]): Promise<string | readonly ChatMessage[]> {
    if (typeof summaryMethod === "function") return summaryMethod(agent, outerMessages, summaryArgs ?? {}, context);
    if (summaryMethod === "all") return outerMessages;
    if (summaryMethod === "last_msg") return outerMessages.slice(-1);
    if (summaryMethod !== "reflection_with_llm") {
      throw new AgentError(
        "invalid_option",
        '`summaryMethod` in `carryoverConfig` must be "all", "last_msg", "reflection_with_llm" or a function',
      );
    }
    // The nested chat's recipient makes the summary, with the outer messages as its history.
    const speaker = (sender ?? agent) as ConversableAgent;
    const { conversations } = recipient[agentState].history;
    const previous = conversations.get(speaker);
    conversations.set(speaker, outerMessages);
    try {
      return await summarize(speaker, recipient, summaryMethod, summaryArgs ?? {}, context);
    } finally {
      if (previous === undefined) conversations.delete(speaker);
      else conversations.set(speaker, previous);
    }
  }
}
