/** Summaries of chats (AG2: `ConversableAgent._summarize_chat` and its methods). */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError, messageOf, invalidOption } from "../util/errors.js";
import { replyFromClient } from "../agent/llm-reply.js";
import { warn } from "../util/warn.js";
import { withScope } from "../observe/observer.js";
import type { OpenAIWrapper } from "../models/openai-wrapper.js";
import type { CallContext } from "../types.js";

/** Makes a summary; of an object, the property `content` is used. */
export type SummaryFunction = (
  sender: ConversableAgent,
  recipient: ConversableAgent,
  summaryArgs: Readonly<Record<string, unknown>>,
  context: CallContext,
) => unknown;

/** The method for summaries: the last message, a model's summary, a function of your own, or null for none. */
export type SummaryMethod = "last_msg" | "reflection_with_llm" | SummaryFunction | null;

/** The default of `summaryArgs.summaryPrompt`. */
export const DEFAULT_SUMMARY_PROMPT =
  "Summarize the takeaway from the conversation. Do not add any introductory phrases.";

/**
 * Checks before a chat whether its summary is possible
 * (AG2: agentchat/utils.py, `consolidate_chat_info`).
 *
 * @throws AgentError if it is not
 */
export function checkSummaryMethod(method: unknown, sender: ConversableAgent, recipient: ConversableAgent): void {
  if (method !== null && typeof method !== "function" && method !== "last_msg" && method !== "reflection_with_llm") {
    throw invalidOption("summaryMethod", '"last_msg", "reflection_with_llm", a function or null');
  }
  if (method === "reflection_with_llm" && !sender.client && !recipient.client) {
    throw new AgentError(
      "missing_llm_config",
      '"reflection_with_llm" needs a model: give sender or recipient an `llmConfig`',
    );
  }
}

/** The summary of the chat that `sender` had with `recipient`. */
export async function summarize(
  sender: ConversableAgent,
  recipient: ConversableAgent,
  method: SummaryMethod,
  summaryArgs: Readonly<Record<string, unknown>>,
  context: CallContext,
): Promise<string> {
  if (method === null) return "";
  if (method === "last_msg") return lastMessage(sender, recipient);
  if (method === "reflection_with_llm") return summarizeWithModel(sender, recipient, summaryArgs, context);
  return asText(await withScope(context.scope, () => method(sender, recipient, summaryArgs, context)));
}

function lastMessage(sender: ConversableAgent, recipient: ConversableAgent): string {
  const content = recipient.chatMessages.get(sender)?.at(-1)?.content;
  if (!Array.isArray(content)) return asText(content).replaceAll("TERMINATE", "");
  return content.flatMap(({ text }) => (typeof text === "string" ? text.replaceAll("TERMINATE", "") : [])).join("\n");
}

/**
 * A model's summary, with the prompt as the last message. If the model fails, the summary is empty and the chat has
 * its result.
 */
async function summarizeWithModel(
  sender: ConversableAgent,
  recipient: ConversableAgent,
  { summaryPrompt: prompt = DEFAULT_SUMMARY_PROMPT, summaryRole: role }: Readonly<Record<string, unknown>>,
  context: CallContext,
): Promise<string> {
  if (typeof prompt !== "string") throw invalidOption("summaryPrompt", "a text");
  if (role && typeof role !== "string") throw invalidOption("summaryRole", "a text");
  checkSummaryMethod("reflection_with_llm", sender, recipient);
  const client = (recipient.client ?? sender.client) as OpenAIWrapper;
  const messages = [...recipient.chatMessagesForSummary(sender), { role: role || "system", content: prompt } as const];
  try {
    return asText(await replyFromClient(sender, client, messages as never, context));
  } catch (error) {
    if (context.signal?.aborted) throw error;
    warn(`the chat has no summary, because the model failed: ${messageOf(error)}`);
    return "";
  }
}

/** Converts a summary to text (AG2: conversable_agent.py, `_coerce_summary_to_str`). */
function asText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (typeof value === "object" && !Array.isArray(value)) return asText((value as { content?: unknown }).content);
  return String(value);
}
