/**
 * Puts together what came in pieces: the deltas of OpenAI's completions, the events of its responses
 * and of Anthropic's messages, texts, and what ports make of them.
 */

import { field, isRecord } from "./read.js";

/** Pieces of an unknown shape that are kept. */
const KEPT = 1_000;

/** Takes pieces as they come. */
export class Pieces {
  readonly #others: unknown[] = [];
  readonly #completion = new Completion();
  #text = "";
  #isText = false;
  #whole: unknown;

  add(piece: unknown): void {
    if (typeof piece === "string") return this.#say(piece);
    if (this.#completion.take(piece)) return;
    // A response that is told once more at its end, whole; the result of a run behind its events.
    const whole = field(piece, "type") === "response.completed" ? field(piece, "response") : field(piece, "messages", "chatMessage", "chat_message") === undefined ? undefined : piece;
    if (whole !== undefined) this.#whole = whole;
    const said = field(piece, "delta", "textDelta", "text", "content");
    if (typeof said === "string" && isRecord(piece)) this.#say(said);
    else if (this.#others.length < KEPT) this.#others.push(piece);
  }

  /** All together; `returned` is what a generator gave at its end, which may be all that is wanted. */
  result(returned: unknown): unknown {
    if (returned !== undefined) return returned;
    if (this.#whole !== undefined) return this.#whole;
    return this.#completion.result() ?? (this.#isText ? this.#text : this.#others.length === 0 ? undefined : this.#others);
  }

  #say(text: string): void {
    this.#isText = true;
    this.#text += text;
  }
}

type Loose = Record<string, unknown>;

/** A completion of OpenAI's or a message of Anthropic's in the making. */
class Completion {
  #made: Loose | undefined;
  readonly #choices: Loose[] = [];
  readonly #blocks: Loose[] = [];
  readonly #json: string[] = [];

  /** Whether the piece was one of such a completion. */
  take(piece: unknown): boolean {
    if (!isRecord(piece)) return false;
    if (Array.isArray(piece["choices"])) return this.#takeChunk(piece);
    return typeof piece["type"] === "string" && this.#takeEvent(piece["type"], piece);
  }

  result(): Loose | undefined {
    if (this.#made === undefined) return undefined;
    if (this.#blocks.length === 0) return { ...this.#made, choices: this.#choices.filter(Boolean) };
    const content = this.#blocks.map((block, index) => (this.#json[index] === undefined ? block : { ...block, input: jsonOr(this.#json[index]) }));
    return { ...this.#made, content };
  }

  #takeChunk({ choices, ...rest }: Readonly<Record<string, unknown>>): boolean {
    this.#made ??= {};
    for (const [name, value] of Object.entries(rest)) if (value !== null && value !== undefined) this.#made[name] = value;
    this.#made["object"] = "chat.completion";
    for (const choice of choices as unknown[]) {
      const at = field(choice, "index");
      const index = typeof at === "number" ? at : 0;
      const made = (this.#choices[index] ??= { index, message: { role: "assistant", content: null } });
      addDelta(made["message"] as Loose, field(choice, "delta", "message"));
      const reason = field(choice, "finish_reason");
      if (reason !== undefined) made["finish_reason"] = reason;
    }
    return true;
  }

  #takeEvent(type: string, event: Readonly<Record<string, unknown>>): boolean {
    const at = event["index"];
    const index = typeof at === "number" ? at : 0;
    const delta = field(event, "delta");
    switch (type) {
      case "message_start":
        this.#made = { ...(event["message"] as Loose) };
        return true;
      case "content_block_start":
        this.#blocks[index] = { ...(event["content_block"] as Loose) };
        return true;
      case "content_block_delta": {
        const json = field(delta, "partial_json");
        if (typeof json === "string") this.#json[index] = (this.#json[index] ?? "") + json;
        else for (const name of ["text", "thinking", "signature"]) append((this.#blocks[index] ??= {}), name, field(delta, name));
        return true;
      }
      case "message_delta":
        this.#made = { ...this.#made, ...(delta as Loose), usage: { ...(this.#made?.["usage"] as Loose), ...(event["usage"] as Loose) } };
        return true;
      case "content_block_stop":
      case "message_stop":
        return true;
      default:
        return false;
    }
  }
}

function addDelta(message: Loose, delta: unknown): void {
  if (!isRecord(delta)) return;
  for (const [name, value] of Object.entries(delta)) {
    if (name === "tool_calls" && Array.isArray(value)) {
      const calls = (message[name] ??= []) as Loose[];
      for (const [position, call] of value.entries()) {
        const at = field(call, "index");
        const made = (calls[typeof at === "number" ? at : position] ??= {});
        const { function: called, index: _, ...rest } = call as Loose;
        Object.assign(made, rest);
        if (isRecord(called)) addCall((made["function"] ??= {}) as Loose, called);
      }
    } else if (name === "function_call" && isRecord(value)) addCall((message[name] ??= {}) as Loose, value);
    else if (name === "role") message[name] = value;
    else if (typeof value === "string") append(message, name, value);
    else if (value !== null && value !== undefined) message[name] = value;
  }
}

function addCall(made: Loose, { name, arguments: piece }: Readonly<Record<string, unknown>>): void {
  if (typeof name === "string") made["name"] = name;
  append(made, "arguments", piece);
}

function append(target: Loose, name: string, piece: unknown): void {
  if (typeof piece === "string") target[name] = (typeof target[name] === "string" ? (target[name] as string) : "") + piece;
}

function jsonOr(text: string | undefined): unknown {
  try {
    return JSON.parse(text === undefined || text === "" ? "{}" : text);
  } catch {
    return text;
  }
}
