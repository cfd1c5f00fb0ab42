/**
 * The assembly of a streamed completion (AG2: oai/client.py, `OpenAIClient.create` and
 * `OpenAIWrapper._update_tool_calls_from_chunk`). The result has AG2's fields: a content that is
 * never null, tool calls with their `index`, and token counts of 0 where the server sent none.
 * Unlike AG2's it includes the details of the token counts and a refusal, and separates the calls of
 * several choices.
 */

import { fillCompletion } from "./completion.js";
import { APIError, invalidResponse } from "../util/errors.js";
import type { ModelResponse } from "../message/message.js";
import { reportedUsage } from "./reported-usage.js";
import { type Fields, isFields } from "../util/fields.js";

/** The received part of one choice. */
interface PartialChoice {
  content: string;
  refusal: string | null;
  function_call: Fields | null;
  /** The tool calls by their index. */
  tool_calls: Fields[];
  finish_reason: unknown;
}

/** A completion that is being received. */
export class CompletionStream {
  #head: Fields = {};
  readonly #usage: Fields = {};
  readonly #choices: PartialChoice[] = [];

  /**
   * Adds one chunk.
   *
   * @throws APIError if the chunk reports an error of the server
   */
  add(chunk: unknown): void {
    if (!isFields(chunk)) return;
    const { error, choices } = chunk;
    if (isFields(error)) throw APIError.fromAnswer(undefined, error);
    // Azure's first chunk has neither id nor model.
    if (!this.#head["id"]) this.#head = chunk;
    Object.assign(this.#usage, reportedUsage(chunk));
    if (Array.isArray(choices)) for (const choice of choices) if (isFields(choice)) this.#addChoice(choice);
  }

  /** Whether a choice has begun and has not ended. */
  get isOpen(): boolean {
    return Object.values(this.#choices).some(({ finish_reason: reason }) => reason === null);
  }

  /**
   * The assembled completion.
   *
   * @throws APIError if no choice has arrived
   */
  finish(): ModelResponse {
    const choices = Object.entries(this.#choices);
    if (choices.length === 0) throw invalidResponse("stream holds no completion");
    const { id = "", created = 0, model = "" } = this.#head;
    const { prompt_tokens = 0, completion_tokens = 0, ...counts } = this.#usage;
    return fillCompletion({
      id,
      created,
      model,
      object: "chat.completion",
      choices: choices.map(([index, choice]) => finishChoice(Number(index), choice)),
      usage: {
        total_tokens: Number(prompt_tokens) + Number(completion_tokens),
        ...counts,
        prompt_tokens,
        completion_tokens,
      },
    });
  }

  #addChoice({ index, finish_reason: reason, delta }: Fields): void {
    const partial = (this.#choices[typeof index === "number" ? index : 0] ??= {
      content: "",
      refusal: null,
      function_call: null,
      tool_calls: [],
      finish_reason: null,
    });
    partial.finish_reason = reason ?? partial.finish_reason;
    if (!isFields(delta)) return;
    const { content, refusal, function_call: call, tool_calls: calls } = delta;
    if (isFields(call)) partial.function_call = appendToCall(partial.function_call, call);
    if (Array.isArray(calls)) for (const each of calls) if (isFields(each)) addToolCall(partial.tool_calls, each);
    if (typeof refusal === "string") partial.refusal = (partial.refusal ?? "") + refusal;
    if (typeof content === "string") partial.content += content;
  }
}

function finishChoice(index: number, { finish_reason, tool_calls, ...message }: PartialChoice): Fields {
  const calls = Object.values(tool_calls);
  return {
    finish_reason,
    index,
    message: { ...message, role: "assistant", tool_calls: calls.length > 0 ? calls : null },
  };
}

/** Adds a chunk of a tool call. Some servers repeat id and type in every chunk; name and arguments come in parts. */
function addToolCall(calls: Fields[], { index, id, type, function: part }: Fields): void {
  const position = typeof index === "number" ? index : calls.length;
  const call = (calls[position] ??= { index: position });
  call["id"] ??= id ?? undefined;
  call["type"] ??= type ?? undefined;
  call["function"] = appendToCall(call["function"], isFields(part) ? part : {});
}

function appendToCall(call: unknown, { name, arguments: text }: Fields): Fields {
  const previous = (call ?? { name: "", arguments: "" }) as { name: string; arguments: string };
  return { name: previous.name + textOrEmpty(name), arguments: previous.arguments + textOrEmpty(text) };
}

function textOrEmpty(part: unknown): string {
  return typeof part === "string" ? part : "";
}
