/** Reads what agents of other libraries hand around, by looking at its shape: messages, replies, lists of them, results. */

import { field, isFields, isRecord, listOrNothing, textField } from "../fields.js";

const CALLS = "toolCalls functionCall";

/** Whether `value` may be what somebody said: a text, or an object with a text or with calls. */
export function isMessage(value: unknown): boolean {
  return !Array.isArray(value) && typeof value !== "function" && (textOf(value) ?? field(value, CALLS)) !== undefined;
}

/** The words of a message, for comparing: what two forms of one message have in common. */
export function textOf(message: unknown): string | undefined {
  if (typeof message === "string") return message;
  const said = field(message, "content text message body");
  if (Array.isArray(said))
    return said.map((part) => (typeof part === "string" ? part : (textField(part, "text") ?? ""))).join("");
  return typeof said === "string" || isRecord(said) ? textOf(said) : undefined;
}

/** Whether two values are one message: the same object, or the same words. */
export function isSameMessage(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  const words = textOf(one);
  return words !== undefined && words === textOf(other);
}

/** The message in what an agent answered, whatever it is wrapped in; `undefined` if it chose not to answer. */
export function replyIn(result: unknown): unknown {
  if (result === null || result === "" || typeof result === "boolean") return undefined;
  if (Array.isArray(result)) {
    // AG2's reply functions: whether it is final, and the reply.
    return typeof result[0] === "boolean" ? replyIn(result[0] ? result[1] : undefined) : replyIn(result.at(-1));
  }
  if (!isFields(result) || field(result, `content ${CALLS}`) !== undefined) return result;
  const inner = field(result, "chatMessage reply message response output result text answer");
  if (inner !== undefined) return typeof inner === "string" ? inner : replyIn(inner);
  // An AG2-style "no reply" says so in a field that is null.
  return "reply" in result || "content" in result ? undefined : result;
}

/** The list of messages among what a method was called with, if there is one. */
export function messagesIn(given: readonly unknown[]): readonly unknown[] | undefined {
  for (const value of given) {
    const list = listOrNothing(
      isRecord(value) ? field(value, "messages history conversation chatHistory context") : value,
    );
    if (list !== undefined) return list;
  }
  return undefined;
}

/** What was said in all of a chat, from what the chat gave. */
export function historyIn(result: unknown): readonly unknown[] | undefined {
  return listOrNothing(
    Array.isArray(result)
      ? result
      : field(result, "chatHistory messages allMessages history turns transcript results chats _chats"),
  );
}

/** What a chat came to, from what it gave. */
export function summaryIn(result: unknown): unknown {
  if (typeof result === "string") return result;
  const told = field(result, "summary finalMessage output finalOutput answer response result");
  if (told === undefined) return textOf(historyIn(result)?.at(-1));
  return Array.isArray(told) ? told : (textOf(told) ?? told);
}

/** A call's arguments as data: parsed if they came as JSON text. */
export function parsed(given: unknown): unknown {
  if (typeof given !== "string") return given;
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}

/** A value that is no data, as text. */
export function plainText(value: unknown): string {
  return isFields(value) ? "" : String(value);
}
