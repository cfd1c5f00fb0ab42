/** Assembles the pieces of Ollama's streams, each with a part of the message, to one response. */

import { field, type Fields, isList, isPlainObject } from "../fields.js";

type MutableRecord = Record<string, unknown>;

/** Assembles a response with a `message`, or with a text (github.com/ollama/ollama/blob/main/docs/api.md). */
export class MessageAssembler {
  #response: MutableRecord | undefined;
  readonly #message: MutableRecord = {};

  /** Adds a chunk; returns whether it was one of such a response. */
  add(chunk: Fields): boolean {
    const { message, response: text, ...rest } = chunk;
    if (typeof rest["done"] !== "boolean" || (!isPlainObject(message) && typeof text !== "string")) return false;
    this.#response = { ...this.#response, ...rest };
    if (isPlainObject(message)) append(this.#message, message);
    if (typeof text === "string") this.#response["response"] = String(this.#response["response"] ?? "") + text;
    return true;
  }

  result(): MutableRecord | undefined {
    if (this.#response === undefined || Object.keys(this.#message).length === 0) return this.#response;
    return { ...this.#response, message: this.#message };
  }
}

/** Texts are continued, lists are extended; of other values the last one counts. */
function append(message: MutableRecord, piece: Fields): void {
  for (const [name, value] of Object.entries(piece)) {
    const before = message[name];
    if (typeof value === "string" && typeof before === "string" && name !== "role") message[name] = before + value;
    else if (isList(value) && isList(before)) message[name] = [...before, ...value];
    else message[name] = value;
  }
}

/** A response of Ollama in the shape of a completion, which viewers know; other values are returned unchanged. */
export function asCompletion(result: unknown): unknown {
  if (!isPlainObject(result)) return result;
  const { message, response: text, ...rest } = result;
  if (!isPlainObject(message) && typeof text !== "string") return result;
  const spoken = message ?? { role: "assistant", content: text };
  return { ...rest, choices: [{ index: 0, message: spoken, finish_reason: field(result, "doneReason") ?? null }] };
}
