/**
 * Putting a streamed completion together (AG2: oai/client.py, `OpenAIClient.create` and
 * `OpenAIWrapper._update_tool_calls_from_chunk`). The result has the fields that AG2 gives it: a
 * content that is never null, tool calls with their `index`, and token counts of 0 where the server
 * sent none. Beyond AG2 it keeps the details of the token counts and a refusal, and keeps the calls
 * of several choices apart.
 */

import { fillCompletion } from "./completion.js";
import { APIError } from "./errors.js";
import type { ModelResponse } from "./message.js";

type Fields = Record<string, unknown>;

/** What has arrived of one choice. */
interface ChoiceSoFar {
  content: string;
  refusal: string | null;
  functionCall: Fields | undefined;
  toolCalls: Map<number, Fields>;
  finishReason: unknown;
}

/** A completion that is still arriving. */
export class CompletionStream {
  #head: Fields | undefined;
  #usage: Fields | undefined;
  readonly #choices = new Map<number, ChoiceSoFar>();

  /**
   * Takes in one chunk.
   *
   * @returns what the chunk adds to the text
   * @throws APIError when the chunk is the server's word that it failed
   */
  add(chunk: unknown): string {
    if (!isFields(chunk)) return "";
    if (isFields(chunk["error"])) throw APIError.fromAnswer(undefined, chunk["error"]);
    // Azure's first chunk has neither id nor model.
    if (!this.#head?.["id"]) this.#head = chunk;
    if (isFields(chunk["usage"])) this.#usage = chunk["usage"];
    const choices: unknown = chunk["choices"];
    return Array.isArray(choices) ? choices.map((choice) => this.#addChoice(choice)).join("") : "";
  }

  /** Whether something of every choice that has begun is still to come. */
  get isOpen(): boolean {
    return this.#choices.size === 0 || [...this.#choices.values()].some(({ finishReason }) => finishReason === null);
  }

  /**
   * The whole completion.
   *
   * @throws APIError when there was none
   */
  finish(): ModelResponse {
    if (this.#choices.size === 0) {
      throw new APIError("the model server's stream holds no completion: check that `baseUrl` leads to an OpenAI-compatible API", { code: "invalid_response" });
    }
    const head = this.#head ?? {};
    const { prompt_tokens = 0, completion_tokens = 0, ...counts } = this.#usage ?? {};
    const indexes = [...this.#choices.keys()].sort((one, other) => one - other);
    return fillCompletion({
      id: head["id"] ?? "",
      created: head["created"] ?? 0,
      model: head["model"] ?? "",
      object: "chat.completion",
      choices: indexes.map((index) => finishChoice(index, this.#choices.get(index) as ChoiceSoFar)),
      usage: { total_tokens: Number(prompt_tokens) + Number(completion_tokens), ...counts, prompt_tokens, completion_tokens },
    });
  }

  #addChoice(choice: unknown): string {
    if (!isFields(choice)) return "";
    const index = typeof choice["index"] === "number" ? choice["index"] : 0;
    const soFar = this.#choices.get(index) ?? { content: "", refusal: null, functionCall: undefined, toolCalls: new Map<number, Fields>(), finishReason: null };
    this.#choices.set(index, soFar);
    soFar.finishReason = choice["finish_reason"] ?? soFar.finishReason;
    const delta = choice["delta"];
    if (!isFields(delta)) return "";
    if (isFields(delta["function_call"])) soFar.functionCall = extended(soFar.functionCall, delta["function_call"]);
    const calls: unknown = delta["tool_calls"];
    if (Array.isArray(calls)) for (const call of calls) if (isFields(call)) addToolCall(soFar.toolCalls, call);
    if (typeof delta["refusal"] === "string") soFar.refusal = (soFar.refusal ?? "") + delta["refusal"];
    const text = typeof delta["content"] === "string" ? delta["content"] : "";
    soFar.content += text;
    return text;
  }
}

function finishChoice(index: number, { content, refusal, functionCall, toolCalls, finishReason }: ChoiceSoFar): Fields {
  const calls = [...toolCalls.keys()].sort((one, other) => one - other).map((position) => toolCalls.get(position));
  return {
    finish_reason: finishReason,
    index,
    logprobs: null,
    message: { content, refusal, role: "assistant", function_call: functionCall ?? null, tool_calls: calls.length > 0 ? calls : null },
  };
}

/** Some servers repeat id and type in every chunk; only name and arguments come in pieces. */
function addToolCall(calls: Map<number, Fields>, delta: Fields): void {
  const index = typeof delta["index"] === "number" ? delta["index"] : calls.size;
  const call = calls.get(index) ?? { index };
  calls.set(index, call);
  for (const field of ["id", "type"]) call[field] ??= delta[field] ?? undefined;
  call["function"] = extended(call["function"] as Fields | undefined, isFields(delta["function"]) ? delta["function"] : {});
}

function extended(call: Fields | undefined, delta: Fields): Fields {
  const piece = (field: string): string => `${(call?.[field] as string | undefined) ?? ""}${typeof delta[field] === "string" ? delta[field] : ""}`;
  return { name: piece("name"), arguments: piece("arguments") };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
