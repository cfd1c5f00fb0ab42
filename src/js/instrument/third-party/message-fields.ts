/** Reads messages, replies, histories and results of third-party agents by their fields. */

import { field, isObject, isPlainObject, asList, textField, isList, tryRead } from "../fields.js";

const CALLS = "toolCalls functionCall";

/** Whether `value` may be a message: a text, or an object with a text or with calls. */
export function isMessage(value: unknown): boolean {
  return !isList(value) && typeof value !== "function" && (textOf(value) ?? field(value, CALLS)) !== undefined;
}

/** The text of a message, which different forms of one message have in common. */
export function textOf(message: unknown): string | undefined {
  if (typeof message === "string") return message;
  const content = field(message, "content text message body");
  if (isList(content))
    return content.map((part) => (typeof part === "string" ? part : (textField(part, "text") ?? ""))).join("");
  return typeof content === "string" || isPlainObject(content) ? textOf(content) : undefined;
}

/** Whether two values are one message: the same object, or the same text. */
export function isSameMessage(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  const text = textOf(one);
  return text !== undefined && text === textOf(other);
}

/** The message in an agent's result, unwrapped; `undefined` if it did not reply. */
export function replyIn(result: unknown): unknown {
  if (result === null || result === "" || typeof result === "boolean") return undefined;
  if (isList(result)) {
    // AG2's reply functions: whether it is final, and the reply.
    return typeof result[0] === "boolean" ? replyIn(result[0] ? result[1] : undefined) : replyIn(result.at(-1));
  }
  if (!isObject(result) || field(result, `content ${CALLS}`) !== undefined) return result;
  const nested = field(result, "chatMessage reply message response output result text answer");
  if (nested !== undefined) return typeof nested === "string" ? nested : replyIn(nested);
  // As in AG2, a missing reply is a field that is null.
  return tryRead(() => "reply" in result || "content" in result) ? undefined : result;
}

/** The list of messages among the arguments of a method, if there is one. */
export function messagesIn(args: readonly unknown[]): readonly unknown[] | undefined {
  for (const value of args) {
    const list = asList(
      isPlainObject(value) ? field(value, "messages history conversation chatHistory context") : value,
    );
    if (list !== undefined) return list;
  }
  return undefined;
}

/** The history in the result of a chat. */
export function historyIn(result: unknown): readonly unknown[] | undefined {
  return asList(
    isList(result)
      ? result
      : field(result, "chatHistory messages allMessages history turns transcript results chats _chats"),
  );
}

/** The summary in the result of a chat. */
export function summaryIn(result: unknown): unknown {
  if (typeof result === "string") return result;
  const summary = field(result, "summary finalMessage output finalOutput answer response result");
  if (summary === undefined) return textOf(historyIn(result)?.at(-1));
  return isList(summary) ? summary : (textOf(summary) ?? summary);
}

/** A call's arguments as data: parsed if they came as JSON text. */
export function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** A value as text; empty for objects. */
export function plainText(value: unknown): string {
  return isObject(value) ? "" : (tryRead(() => String(value)) ?? "");
}
