/**
 * The detection of messages in the inputs and outputs of spans: requests and responses of chat models
 * (OpenAI's format), messages between agents and the history of a chat (AG2's formats).
 */

import { type Fields, isFields } from "./format.js";

/** One message for display. */
export interface ShownMessage {
  readonly role: string;
  readonly name: string | undefined;
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
}

/** The messages in a value, and the rest of the value. */
export interface FoundMessages {
  readonly messages: readonly ShownMessage[];
  /** The value without the messages; `undefined` if nothing is left. */
  readonly rest: unknown;
}

/** The messages in `value`; `undefined` if it has none of the known formats. */
export function messagesIn(value: unknown): FoundMessages | undefined {
  if (Array.isArray(value)) return foundMessages(value as unknown[], undefined);
  if (!isFields(value)) return undefined;
  if (isMessage(value)) return foundMessages([value], undefined);
  for (const key of ["messages", "chat_history"]) {
    if (Array.isArray(value[key])) return foundMessages(value[key], without(value, key));
  }
  if (Array.isArray(value["choices"])) {
    const messages = (value["choices"] as unknown[]).map((choice: unknown) =>
      isFields(choice) ? choice["message"] : undefined,
    );
    return foundMessages(messages, without(value, "choices"));
  }
  if (typeof value["sender"] === "string" && "message" in value) return agentMessage(value, value["sender"]);
  return undefined;
}

/** A message between agents, in the format of AG2's reports. */
function agentMessage({ message, sender: _, valid, ...others }: Fields, sender: string): FoundMessages | undefined {
  const rest = { ...others, ...(valid !== true && { valid }) };
  const fields = isFields(message)
    ? { role: "", content: null, ...message, name: sender }
    : { role: "", content: message, name: sender };
  return foundMessages([fields], Object.keys(rest).length === 0 ? undefined : rest);
}

function foundMessages(values: readonly unknown[], rest: unknown): FoundMessages | undefined {
  if (values.length === 0 || !values.every(isMessage)) return undefined;
  return { messages: values.flatMap(shownMessages), rest };
}

function isMessage(value: unknown): value is Fields {
  return (
    isFields(value) &&
    (typeof value["role"] === "string" || "tool_calls" in value) &&
    ("content" in value || "tool_calls" in value || "function_call" in value)
  );
}

/** The messages for display in a message: AG2 sends the responses of several tools in one. */
function shownMessages(message: Fields): ShownMessage[] {
  const name = typeof message["name"] === "string" ? message["name"] : undefined;
  const answers = message["tool_responses"];
  if (Array.isArray(answers) && answers.length > 0 && answers.every(isFields)) {
    return answers.map((answer) => ({ role: "tool", name, text: textOf(answer["content"]), calls: [] }));
  }
  const role = typeof message["role"] === "string" ? message["role"] : "assistant";
  return [{ role, name, text: textOf(message["content"]), calls: callsOf(message) }];
}

function callsOf(message: Fields): ShownMessage["calls"] {
  const calls = Array.isArray(message["tool_calls"]) ? message["tool_calls"] : [];
  const functions = [
    ...calls.map((call: unknown) => (isFields(call) ? call["function"] : undefined)),
    message["function_call"],
  ];
  return functions
    .filter(isFields)
    .map((called) => ({ name: String(called["name"]), arguments: textOf(called["arguments"]) }));
}

function textOf(content: unknown): string {
  if (content === null || content === undefined) return "";
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return JSON.stringify(content);
  return (content as unknown[])
    .map((part) =>
      isFields(part) && typeof part["text"] === "string"
        ? part["text"]
        : isFields(part)
          ? `[${String(part["type"])}]`
          : String(part),
    )
    .join("\n");
}

function without(fields: Fields, key: string): unknown {
  const { [key]: _, ...rest } = fields;
  return Object.keys(rest).length === 0 ? undefined : rest;
}
