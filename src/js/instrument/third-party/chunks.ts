/**
 * Puts together what came in pieces: the deltas of OpenAI's completions, the events of its responses
 * and of Anthropic's messages, texts, and what ports make of them.
 */

import { field, type Fields, isFields, isRecord, textOrNothing } from "../fields.js";
import { parsed } from "./read.js";

/** Pieces of an unknown shape that are kept. */
const KEPT = 1_000;

/** Takes pieces as they come. */
export class Pieces {
  readonly #others: unknown[] = [];
  readonly #completion = new Completion();
  #text: string | undefined;
  #whole: unknown;

  add(piece: unknown): void {
    if (isRecord(piece) && this.#completion.take(piece)) return;
    // A response that is told once more at its end, whole; the result of a run behind its events.
    if (field(piece, "type") === "response.completed") this.#whole = field(piece, "response") ?? this.#whole;
    else if (field(piece, "messages chatMessage") !== undefined) this.#whole = piece;
    const said = isRecord(piece) ? field(piece, "delta textDelta text content") : piece;
    if (typeof said === "string") this.#text = (this.#text ?? "") + said;
    else if (this.#others.length < KEPT) this.#others.push(piece);
  }

  /** All together; `returned` is what a generator gave at its end, which may be all that is wanted. */
  result(returned: unknown): unknown {
    return (
      returned ??
      this.#whole ??
      this.#completion.result() ??
      this.#text ??
      (this.#others.length === 0 ? undefined : this.#others)
    );
  }
}

type Loose = Record<string, unknown>;

/** A completion of OpenAI's or a message of Anthropic's in the making. */
class Completion {
  #made: Loose | undefined;
  readonly #choices: Loose[] = [];
  readonly #blocks: Loose[] = [];

  /** Whether the piece was one of such a completion. */
  take(piece: Fields): boolean {
    const { choices, ...rest } = piece;
    if (!Array.isArray(choices)) return this.#takeEvent(piece);
    this.#made ??= {};
    for (const [name, value] of Object.entries(rest))
      if (value !== null && value !== undefined) this.#made[name] = value;
    this.#made["object"] = "chat.completion";
    for (const choice of choices as unknown[]) {
      const index = indexOf(choice) ?? 0;
      const made = (this.#choices[index] ??= { index, message: { role: "assistant", content: null } });
      addDelta(made["message"] as Loose, field(choice, "delta message"));
      made["finish_reason"] = field(choice, "finish_reason") ?? made["finish_reason"];
    }
    return true;
  }

  result(): Loose | undefined {
    if (this.#made === undefined) return undefined;
    if (this.#blocks.length === 0) return { ...this.#made, choices: this.#choices.filter(Boolean) };
    // A tool's input comes as pieces of JSON.
    return {
      ...this.#made,
      content: this.#blocks.map((block) =>
        typeof block["input"] === "string" ? { ...block, input: parsed(block["input"] || "{}") } : block,
      ),
    };
  }

  #takeEvent(event: Fields): boolean {
    const index = indexOf(event) ?? 0;
    const delta = field(event, "delta") as Loose | undefined;
    switch (event["type"]) {
      case "message_start":
        this.#made = { ...(event["message"] as Loose) };
        return true;
      case "content_block_start":
        this.#blocks[index] = { ...(event["content_block"] as Loose) };
        return true;
      case "content_block_delta":
        append((this.#blocks[index] ??= {}), "input", field(delta, "partial_json"));
        for (const name of ["text", "thinking", "signature"]) append(this.#blocks[index], name, field(delta, name));
        return true;
      case "message_delta":
        this.#made = {
          ...this.#made,
          ...delta,
          usage: { ...(this.#made?.["usage"] as Loose), ...(event["usage"] as Loose) },
        };
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
        const made = (calls[indexOf(call) ?? position] ??= {});
        const { function: called, index: _, ...rest } = call as Loose;
        Object.assign(made, rest);
        addCall(made, "function", called);
      }
    } else if (name === "function_call") addCall(message, name, value);
    else if (name !== "role" && typeof value === "string") append(message, name, value);
    else if (value !== null && value !== undefined) message[name] = value;
  }
}

function addCall(holder: Loose, key: string, called: unknown): void {
  if (!isFields(called)) return;
  const made = (holder[key] ??= {}) as Loose;
  made["name"] = called["name"] ?? made["name"];
  append(made, "arguments", called["arguments"]);
}

function append(target: Loose, name: string, piece: unknown): void {
  if (typeof piece === "string") target[name] = (textOrNothing(target[name]) ?? "") + piece;
}

function indexOf(value: unknown): number | undefined {
  const index = field(value, "index");
  return typeof index === "number" ? index : undefined;
}
