/**
 * Putting a streamed completion together (AG2: oai/client.py, `OpenAIClient.create` and
 * `OpenAIWrapper._update_tool_calls_from_chunk`). The result has the fields that AG2 gives it: a
 * content that is never null, tool calls with their `index`, and token counts of 0 where the server
 * sent none. Beyond AG2 it keeps the details of the token counts and a refusal, and keeps the calls
 * of several choices apart.
 */

import { type Fields, fillCompletion, isFields } from "./completion.js";
import { APIError, unreadable } from "./errors.js";
import type { ModelResponse } from "./message.js";

/** What has arrived of one choice. */
interface ChoiceSoFar {
  content: string;
  refusal: string | null;
  functionCall: Fields | null;
  /** By their index. */
  toolCalls: Fields[];
  finishReason: unknown;
}

/** A completion that is still arriving. */
export class CompletionStream {
  #head: Fields = {};
  #usage: Fields = {};
  readonly #choices: ChoiceSoFar[] = [];

  /**
   * Takes in one chunk.
   *
   * @throws APIError when the chunk is the server's word that it failed
   */
  add(chunk: unknown): void {
    if (!isFields(chunk)) return;
    const { error, usage, choices } = chunk;
    if (isFields(error)) throw APIError.fromAnswer(undefined, error);
    // Azure's first chunk has neither id nor model.
    if (!this.#head["id"]) this.#head = chunk;
    if (isFields(usage)) this.#usage = usage;
    if (Array.isArray(choices)) for (const choice of choices) if (isFields(choice)) this.#addChoice(choice);
  }

  /** Whether something of every choice that has begun is still to come. */
  get isOpen(): boolean {
    return Object.values(this.#choices).some(({ finishReason }) => finishReason === null);
  }

  /**
   * The whole completion.
   *
   * @throws APIError when there was none
   */
  finish(): ModelResponse {
    const choices = Object.entries(this.#choices);
    if (choices.length === 0) throw unreadable("stream holds no completion");
    const { id = "", created = 0, model = "" } = this.#head;
    const { prompt_tokens = 0, completion_tokens = 0, ...counts } = this.#usage;
    return fillCompletion({
      id,
      created,
      model,
      object: "chat.completion",
      choices: choices.map(([index, choice]) => finishChoice(Number(index), choice)),
      usage: { total_tokens: Number(prompt_tokens) + Number(completion_tokens), ...counts, prompt_tokens, completion_tokens },
    });
  }

  #addChoice({ index, finish_reason: finishReason, delta }: Fields): void {
    const soFar = (this.#choices[typeof index === "number" ? index : 0] ??= { content: "", refusal: null, functionCall: null, toolCalls: [], finishReason: null });
    soFar.finishReason = finishReason ?? soFar.finishReason;
    if (!isFields(delta)) return;
    const { content, refusal, function_call: call, tool_calls: calls } = delta;
    if (isFields(call)) soFar.functionCall = extended(soFar.functionCall, call);
    if (Array.isArray(calls)) for (const each of calls) if (isFields(each)) addToolCall(soFar.toolCalls, each);
    if (typeof refusal === "string") soFar.refusal = (soFar.refusal ?? "") + refusal;
    if (typeof content === "string") soFar.content += content;
  }
}

function finishChoice(index: number, { content, refusal, functionCall, toolCalls, finishReason }: ChoiceSoFar): Fields {
  const calls = Object.values(toolCalls);
  return {
    finish_reason: finishReason,
    index,
    logprobs: null,
    message: { content, refusal, role: "assistant", function_call: functionCall, tool_calls: calls.length > 0 ? calls : null },
  };
}

/** Some servers repeat id and type in every chunk; only name and arguments come in pieces. */
function addToolCall(calls: Fields[], { index, id, type, function: piece }: Fields): void {
  const place = typeof index === "number" ? index : calls.length;
  const call = (calls[place] ??= { index: place });
  call["id"] ??= id ?? undefined;
  call["type"] ??= type ?? undefined;
  call["function"] = extended(call["function"], isFields(piece) ? piece : {});
}

function extended(call: unknown, { name, arguments: text }: Fields): Fields {
  const before = (call ?? { name: "", arguments: "" }) as { name: string; arguments: string };
  return { name: before.name + textIn(name), arguments: before.arguments + textIn(text) };
}

function textIn(piece: unknown): string {
  return typeof piece === "string" ? piece : "";
}
