/**
 * Converts the reports of agents to the names of Python's AG2, so that the same searches and dashboards
 * work for traces of both languages. Options become the keyword arguments of
 * `ConversableAgent.initiate_chat` and the result the fields of `ChatResult`
 * (autogen/agentchat/conversable_agent.py and chat.py), in their order, but for the message and the summary: MLflow's
 * view of a session shows the first field of each turn's inputs and outputs.
 */

import type { EndDetails, MessageEvent, StartDetails } from "../agents/observe/observer.js";
import { type Fields, snakeCase } from "./fields.js";

/** The inputs of an `initiate_chat` span. */
export function chatInputs(details: StartDetails["chat"]): Record<string, unknown> {
  return {
    message: details.message ?? null,
    recipient: details.recipient.name,
    clear_history: details.clearHistory,
    silent: details.silent ?? null,
    cache: details.cache ?? null,
    max_turns: details.maxTurns ?? null,
    summary_method: details.summaryMethod ?? null,
    summary_args: snakeCaseKeys(details.summaryArgs),
    kwargs: snakeCaseKeys(details.extra, nameOfAgent),
  };
}

/** The outputs of an `initiate_chat` span. */
export function chatOutputs(details: EndDetails["chat"]): Record<string, unknown> {
  return {
    summary: details.summary,
    chat_id: details.chatId,
    chat_history: details.chatHistory,
    cost: details.cost,
    human_input: details.humanInput,
  };
}

/** A reply that was not sent, in the shape of a received message. */
export function unsentReply(agent: string, reply: MessageEvent["message"]): Record<string, unknown> {
  return { message: reply, sender: agent, valid: true };
}

/** Converts keys such as `summaryPrompt` to `summary_prompt`; values are the program's own and stay unchanged. */
function snakeCaseKeys(options: Fields, spell = (value: unknown): unknown => value): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [snakeCase(key), spell(value)]));
}

/** An agent is recorded by its name, as in Python; its state would be too large. */
function nameOfAgent(value: unknown): unknown {
  const agent = value as { name?: unknown; generateReply?: unknown } | null | undefined;
  return typeof agent === "object" && typeof agent?.generateReply === "function" ? agent.name : value;
}
