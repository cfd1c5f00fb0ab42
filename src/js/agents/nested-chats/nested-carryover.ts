/** What the first of several nested chats is told of the outer chat (AG2: `ConversableAgent._process_nested_chat_carryover`). */

import { agentState } from "../agent-state.js";
import type { ConversableAgent } from "../conversable-agent.js";
import { AgentError } from "../errors.js";
import { type ChatMessage, contentText, type MessageInput } from "../message.js";
import type { ReplyFunction } from "../reply-chain.js";
import type { CallContext } from "../scope.js";
import { summarize } from "../summary.js";

/** Makes the context of a nested chat from the messages of the outer one. */
export type NestedCarryoverFunction = (
  agent: ConversableAgent,
  messages: ChatMessage[],
  summaryArgs: Readonly<Record<string, unknown>>,
  context: CallContext,
) => string | readonly ChatMessage[] | Promise<string | readonly ChatMessage[]>;

/** What of the outer chat goes along with the first message of a nested chat. */
export interface NestedCarryoverConfig {
  /** All messages, the last one, a model's summary of them, or what a function makes of them. */
  summaryMethod: "all" | "last_msg" | "reflection_with_llm" | NestedCarryoverFunction;
  /** For the summary: `summaryPrompt`, `summaryRole`, or what your own function wants. */
  summaryArgs?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * As in AG2 the two newest messages do not count: in a group chat, for which this is made, they are
 * those by which the nested chat was chosen.
 */
const NEWEST_LEFT_OUT = 2;

/**
 * The first message with the outer chat's context behind it.
 *
 * @throws AgentError for a message that is no text, or an unknown method
 */
export async function contextFromOuterChat(
  message: MessageInput | null | undefined,
  recipient: ConversableAgent,
  { summaryMethod, summaryArgs }: NestedCarryoverConfig,
  [agent, messages, sender, , context]: Parameters<ReplyFunction>,
): Promise<string> {
  if (message && typeof message !== "string") throw new AgentError("invalid_option", "a nested chat with `carryoverConfig` needs a text as its `message`");
  // Copies, so that what a summary does to them does not reach the outer chat.
  const outer = messages.slice(0, -NEWEST_LEFT_OUT).map((each) => ({ ...each }));
  const carried = await carriedOver(outer);
  const text = typeof carried === "string" ? carried : carried.flatMap(({ content }) => (content == null ? [] : [contentText(content)])).join("\n");
  return `${message ? `${message}\n` : ""}Context:\n${text}`;

  async function carriedOver(outer: ChatMessage[]): Promise<string | readonly ChatMessage[]> {
    if (typeof summaryMethod === "function") return summaryMethod(agent, outer, summaryArgs ?? {}, context);
    if (summaryMethod === "all") return outer;
    if (summaryMethod === "last_msg") return outer.slice(-1);
    if (summaryMethod !== "reflection_with_llm") {
      throw new AgentError("invalid_option", '`summaryMethod` in `carryoverConfig` must be "all", "last_msg", "reflection_with_llm" or a function');
    }
    // The nested chat's recipient reflects, on the outer messages as if it had heard them.
    const speaker = (sender ?? agent) as ConversableAgent;
    const { conversations } = recipient[agentState].history;
    const before = conversations.get(speaker);
    conversations.set(speaker, outer);
    try {
      return await summarize(speaker, recipient, summaryMethod, summaryArgs ?? {}, context);
    } finally {
      if (before === undefined) conversations.delete(speaker);
      else conversations.set(speaker, before);
    }
  }
}
