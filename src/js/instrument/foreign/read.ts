/**
 * Reads what agents of other libraries hand around, by looking at its shape: names, messages,
 * replies, options. Pure, and careful: a getter that throws costs its own value only.
 */

import type { Named } from "../../agents/observer.js";

/** Any object, seen as what its properties are called. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether `value` is an object with properties worth looking at. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

/** Whether `value` is data (`{ … }`), not an instance of something. */
export function isRecord(value: unknown): value is Fields {
  if (!isFields(value) || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The property of that name, in any of the given spellings; `undefined` if there is none or it cannot be read. */
export function field(value: unknown, ...names: readonly string[]): unknown {
  if (!isFields(value) && typeof value !== "function") return undefined;
  for (const name of names) {
    try {
      const found = (value as unknown as Fields)[name];
      // A method by that name is no answer.
      if (found !== undefined && found !== null && typeof found !== "function") return found;
    } catch {
      // The next spelling may do.
    }
  }
  return undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

const givenNames = new WeakMap<object, string>();

/** From now on `agent` is called that, whatever it says. */
export function giveName(agent: object, name: string): void {
  givenNames.set(agent, name);
}

/** What an agent is called: its own name, else its id, else its class. */
export function nameOf(agent: unknown): string | undefined {
  return ownNameOf(agent) ?? classOf(agent);
}

/** What an agent calls itself. */
export function ownNameOf(agent: unknown): string | undefined {
  if (typeof agent === "string") return text(agent);
  const given = isFields(agent) ? givenNames.get(agent) : undefined;
  if (given !== undefined) return given;
  for (const name of ["name", "agentName", "agent_name", "_name", "displayName", "id", "agentId", "agent_id", "role"]) {
    const found = field(agent, name);
    if (typeof found === "number") return String(found);
    if (text(found) !== undefined) return text(found);
  }
  return text(field(field(agent, "config", "options", "settings"), "name", "id"));
}

/** The name of an object's class; `undefined` for mere data. */
export function classOf(value: unknown): string | undefined {
  if (!isFields(value)) return undefined;
  try {
    const { name } = value.constructor;
    return name === "" || name === "Object" ? undefined : name;
  } catch {
    return undefined;
  }
}

const known = new WeakMap<object, Named>();

/**
 * Somebody by that name, the same one for the same agent. The agent itself is not handed on: a name
 * is all that is to be known of it.
 */
export function named(agent: unknown, otherwise: string): Named {
  const name = nameOf(agent) ?? otherwise;
  if (!isFields(agent)) return { name };
  let same = known.get(agent);
  if (same?.name !== name) known.set(agent, (same = { name }));
  return same;
}

/** Whether `value` may be what somebody said: a text, or an object with a text or with calls. */
export function isMessage(value: unknown): boolean {
  if (typeof value === "string") return true;
  if (!isFields(value) || Array.isArray(value)) return false;
  return textOf(value) !== undefined || field(value, "tool_calls", "toolCalls", "function_call", "functionCall") !== undefined;
}

/** The words of a message, for comparing: what two forms of one message have in common. */
export function textOf(message: unknown): string | undefined {
  if (typeof message === "string") return message;
  const said = field(message, "content", "text", "message", "body");
  if (typeof said === "string") return said;
  if (Array.isArray(said)) return said.map((part) => (typeof part === "string" ? part : (text(field(part, "text")) ?? ""))).join("");
  return isRecord(said) ? textOf(said) : undefined;
}

/** Who is said to have said a message. */
export function speakerOf(message: unknown): string | undefined {
  const speaker = field(message, "name", "sender", "from", "speaker", "source", "agent");
  return typeof speaker === "string" ? text(speaker) : speaker === undefined ? undefined : nameOf(speaker);
}

/** Whether two values are one message: the same object, or the same words. */
export function isSameMessage(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  const words = textOf(one);
  return words !== undefined && words === textOf(other);
}

/** The message in what an agent answered, whatever it is wrapped in; `undefined` if it chose not to answer. */
export function replyIn(result: unknown): unknown {
  if (result === undefined || result === null || result === false || result === true || result === "") return undefined;
  if (Array.isArray(result)) {
    // AG2's reply functions: whether it is final, and the reply.
    if (typeof result[0] === "boolean") return result[0] ? replyIn(result[1]) : undefined;
    return result.length === 0 ? undefined : replyIn(result.at(-1));
  }
  if (!isFields(result)) return result;
  if (field(result, "content", "tool_calls", "toolCalls", "function_call", "functionCall") !== undefined) return result;
  const inner = field(result, "chatMessage", "chat_message", "reply", "message", "response", "output", "result", "text", "answer");
  if (inner !== undefined) return typeof inner === "string" ? inner : replyIn(inner);
  // An AG2-style "no reply" says so in a field that is null.
  return "reply" in result || "content" in result ? undefined : result;
}

/** The list of messages among what a method was called with, if there is one. */
export function messagesIn(given: readonly unknown[]): readonly unknown[] | undefined {
  for (const value of given) {
    if (Array.isArray(value)) return value;
    const list = isRecord(value) ? field(value, "messages", "history", "conversation", "chatHistory", "chat_history", "context") : undefined;
    if (Array.isArray(list)) return list;
  }
  return undefined;
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

/** What was said in all of a chat, from what the chat gave. */
export function historyIn(result: unknown): readonly unknown[] | undefined {
  if (Array.isArray(result)) return result;
  const history = field(result, "chatHistory", "chat_history", "messages", "allMessages", "all_messages", "history", "turns", "transcript", "results", "chats", "_chats");
  return Array.isArray(history) ? history : undefined;
}

/** What a chat came to, from what it gave. */
export function summaryIn(result: unknown): unknown {
  if (typeof result === "string") return result;
  const told = field(result, "summary", "finalMessage", "final_message", "output", "finalOutput", "final_output", "answer", "response", "result");
  if (told !== undefined) return isFields(told) && !Array.isArray(told) ? (textOf(told) ?? told) : told;
  const last = historyIn(result)?.at(-1);
  return last === undefined ? undefined : (textOf(last) ?? undefined);
}
