/**
 * Assembles the chunks of a stream to one result: the deltas of OpenAI's and Mistral's completions, the events of
 * OpenAI's responses and of Anthropic's messages, Gemini's candidates, Ollama's messages, texts, and the variants of
 * ports.
 */

import { mergeUsage } from "../../agents/models/token-counts.js";
import { CandidatesAssembler } from "./candidates-assembler.js";
import { field, type Fields, isList, isObject, isPlainObject, asText } from "../fields.js";
import { MessageAssembler } from "./message-assembler.js";
import { parsed } from "./message-fields.js";

/** The most chunks of unknown shape that are recorded. */
const MAX_OTHER_CHUNKS = 1_000;

/** Collects the chunks of one stream. */
export class ChunkAssembler {
  readonly #others: unknown[] = [];
  readonly #completion = new CompletionAssembler();
  readonly #candidates = new CandidatesAssembler();
  readonly #message = new MessageAssembler();
  #text: string | undefined;
  #complete: unknown;
  /** The token counts of all chunks. */
  usage: Fields | undefined;

  add(piece: unknown): void {
    this.usage = mergeUsage(this.usage, piece);
    // Mistral's events have the chunk as `data`.
    const data = field(piece, "data");
    const chunk = isList(field(data, "choices")) ? data : piece;
    if (isPlainObject(chunk) && (this.#completion.add(chunk) || this.#message.add(chunk))) return;
    if (this.#candidates.add(chunk)) return;
    // A complete response at the end of its stream; the result of a run after its events.
    if (/^response\.(completed|incomplete|failed)$/.test(asText(field(chunk, "type")) ?? ""))
      this.#complete = field(chunk, "response") ?? this.#complete;
    else if (field(chunk, "messages chatMessage") !== undefined) this.#complete = chunk;
    const text = isPlainObject(chunk) ? field(chunk, "delta textDelta text content") : chunk;
    if (typeof text === "string") this.#text = (this.#text ?? "") + text;
    else if (this.#others.length < MAX_OTHER_CHUNKS) this.#others.push(chunk);
  }

  /** The assembled result; `returned` is the return value of a generator, which takes precedence. */
  result(returned: unknown): unknown {
    return (
      returned ??
      this.#complete ??
      this.#completion.result() ??
      this.#candidates.result() ??
      this.#message.result() ??
      this.#text ??
      (this.#others.length === 0 ? undefined : this.#others)
    );
  }
}

type MutableRecord = Record<string, unknown>;

/** Assembles a completion of OpenAI or a message of Anthropic. */
class CompletionAssembler {
  #completion: MutableRecord | undefined;
  readonly #choices: MutableRecord[] = [];
  readonly #blocks: MutableRecord[] = [];

  /** Adds a chunk; returns whether it was one of such a completion. */
  add(chunk: Fields): boolean {
    const { choices, ...rest } = chunk;
    if (!Array.isArray(choices)) return this.#addEvent(chunk);
    this.#completion ??= {};
    for (const [name, value] of Object.entries(rest))
      if (value !== null && value !== undefined) this.#completion[name] = value;
    this.#completion["object"] = "chat.completion";
    for (const choice of choices as unknown[]) {
      const index = indexOf(choice) ?? 0;
      const target = (this.#choices[index] ??= { index, message: { role: "assistant", content: null } });
      addDelta(target["message"] as MutableRecord, field(choice, "delta message"));
      const name = isObject(choice) && "finishReason" in choice ? "finishReason" : "finish_reason";
      target[name] = field(choice, "finishReason") ?? target[name];
    }
    return true;
  }

  result(): MutableRecord | undefined {
    if (this.#completion === undefined) return undefined;
    if (this.#blocks.length === 0) return { ...this.#completion, choices: this.#choices.filter(Boolean) };
    // A tool's input is streamed as JSON text.
    return {
      ...this.#completion,
      content: this.#blocks.map((block) =>
        typeof block["input"] === "string" ? { ...block, input: parsed(block["input"] || "{}") } : block,
      ),
    };
  }

  #addEvent(event: Fields): boolean {
    const index = indexOf(event) ?? 0;
    const delta = field(event, "delta") as MutableRecord | undefined;
    switch (event["type"]) {
      case "message_start":
        this.#completion = { ...(event["message"] as MutableRecord) };
        return true;
      case "content_block_start":
        this.#blocks[index] = { ...(event["content_block"] as MutableRecord) };
        return true;
      case "content_block_delta":
        append((this.#blocks[index] ??= {}), "input", field(delta, "partial_json"));
        for (const name of ["text", "thinking", "signature"]) append(this.#blocks[index], name, field(delta, name));
        return true;
      case "message_delta":
        this.#completion = {
          ...this.#completion,
          ...delta,
          usage: mergeUsage(mergeUsage(undefined, this.#completion), event),
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

function addDelta(message: MutableRecord, delta: unknown): void {
  if (!isPlainObject(delta)) return;
  for (const [name, value] of Object.entries(delta)) {
    if ((name === "tool_calls" || name === "toolCalls") && Array.isArray(value)) {
      const calls = (message[name] ??= []) as MutableRecord[];
      for (const [position, call] of value.entries()) {
        const target = (calls[indexOf(call) ?? position] ??= {});
        const { function: called, index: _, ...rest } = call as MutableRecord;
        Object.assign(target, rest);
        addCall(target, "function", called);
      }
    } else if (name === "function_call") addCall(message, name, value);
    else if (name !== "role" && typeof value === "string") append(message, name, value);
    else if (value !== null && value !== undefined) message[name] = value;
  }
}

function addCall(holder: MutableRecord, key: string, called: unknown): void {
  if (!isObject(called)) return;
  const target = (holder[key] ??= {}) as MutableRecord;
  target["name"] = called["name"] ?? target["name"];
  append(target, "arguments", called["arguments"]);
}

function append(target: MutableRecord, name: string, chunk: unknown): void {
  if (typeof chunk === "string") target[name] = (asText(target[name]) ?? "") + chunk;
}

function indexOf(value: unknown): number | undefined {
  const index = field(value, "index");
  return typeof index === "number" ? index : undefined;
}
