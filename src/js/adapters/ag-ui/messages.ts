/** AG-UI's messages as MLflow shows them. */

import type { SpanChatMessage } from "../../index.js";

/** An object of which only single fields are known. */
export type Fields = Readonly<Record<string, unknown>>;

/** A message of AG-UI. */
export type AgUiMessage = Fields & { readonly role: string; readonly content?: unknown };

/** The fields of an object; none of any other value. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

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
  try {
    return String(fieldsOf(JSON.parse(body as string))["runId"] ?? "");
  } catch {
    return "";
  }
}
