/** AG-UI's messages as MLflow shows them. */

import type { SpanChatMessage } from "../../index.js";
import { type Fields, fieldsOf, parsed } from "../data.js";

/** A message of AG-UI. */
export type AgUiMessage = Fields & { readonly role: string; readonly content?: unknown };

/** The messages in the shape of OpenAI's chat completions. */
export function chatMessages(messages: readonly AgUiMessage[]): SpanChatMessage[] {
  return messages
    .filter(({ role }) => role !== "activity" && role !== "reasoning")
    .map(({ role, content, toolCalls, toolCallId }) => ({
      role: role === "developer" ? "system" : role,
      content,
      ...(toolCalls === undefined ? undefined : { tool_calls: toolCalls }),
      ...(toolCallId === undefined ? undefined : { tool_call_id: toolCallId }),
    }));
}

/** The id of the run that a request starts; "" if it names none. */
export function runIdIn(body: unknown): string {
  return String(fieldsOf(parsed(body))["runId"] ?? "");
}
