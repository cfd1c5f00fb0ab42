/** Makes completions in the shape of OpenAI's from the responses of other APIs. */

import type { ModelResponse } from "../message/message.js";
import { fillCompletion } from "../models/completion.js";
import { APIConnectionError } from "../util/errors.js";
import type { Fields } from "../util/fields.js";

/** A tool call of a response. */
export interface AnsweredCall {
  readonly id: string;
  readonly name: string;
  /** The arguments: JSON text, or the object. */
  readonly input: unknown;
}

/** What a model has responded. */
export interface Answer {
  readonly id?: string | undefined;
  readonly model: string;
  /** The time in seconds since 1970; not given: now. */
  readonly created?: number | undefined;
  /** The text, or the parts of a content that is more than a text. */
  readonly content: string | Fields[];
  /** The text of the model's reasoning. */
  readonly reasoning?: string | undefined;
  /** Why the model refuses to respond. */
  readonly refusal?: string | undefined;
  readonly calls: readonly AnsweredCall[];
  /** The reason why the response ends, in OpenAI's words; tool calls have their own. */
  readonly finishReason: string;
  readonly usage: AnswerUsage;
}

/** The token counts of a response; those that it lacks are 0. */
export interface AnswerUsage {
  /** The tokens of the prompt, with those of a cache. */
  readonly prompt: number;
  /** The tokens of the response, with those of reasoning. */
  readonly completion: number;
  readonly total?: number | undefined;
  /** Of the prompt's: read from a cache. */
  readonly cached?: number | undefined;
  /** Of the prompt's: written to a cache. */
  readonly cacheWritten?: number | undefined;
  /** Of the response's: reasoning. */
  readonly reasoning?: number | undefined;
  /** Fields of the API itself. */
  readonly own?: Fields | undefined;
}

/** The completion with an answer, with all fields of OpenAI's, so that messages look the same whatever the model is. */
export function completionOf({
  id,
  model,
  created,
  content,
  reasoning,
  refusal,
  calls,
  finishReason,
  usage,
}: Answer): ModelResponse {
  const { prompt, completion, total = prompt + completion, cached, cacheWritten, own } = usage;
  const tool_calls = calls.map(({ id: callId, name, input }) => ({
    id: callId,
    function: { arguments: typeof input === "string" ? input : JSON.stringify(input ?? {}), name },
    type: "function",
  }));
  const hasCalls = tool_calls.length > 0;
  const message = {
    content: hasCalls && content.length === 0 ? null : content,
    refusal: refusal ?? null,
    role: "assistant",
    tool_calls: hasCalls ? tool_calls : null,
    ...(reasoning && { reasoning_content: reasoning }),
  };
  return fillCompletion({
    id: id ?? `${randomId("chatcmpl")}`,
    choices: [{ finish_reason: hasCalls ? "tool_calls" : finishReason, index: 0, message }],
    created: created ?? Math.floor(Date.now() / 1000),
    model,
    object: "chat.completion",
    usage: {
      completion_tokens: completion,
      prompt_tokens: prompt,
      total_tokens: total,
      ...(usage.reasoning && { completion_tokens_details: { reasoning_tokens: usage.reasoning } }),
      ...((cached || cacheWritten) && {
        prompt_tokens_details: { cache_write_tokens: cacheWritten ?? null, cached_tokens: cached ?? null },
      }),
      ...own,
    },
  });
}

/** An id that the API does not give. Pages without TLS have no `crypto.randomUUID`. */
export function randomId(prefix: string): string {
  return `${prefix}_${Math.random().toString(36).slice(2)}`;
}

/** A chunk of a streamed completion in OpenAI's shape, for those who follow the stream. */
export function chunkOf(model: string, delta: { content: string } | { reasoning_content: string }): Fields {
  return { object: "chat.completion.chunk", model, choices: [{ index: 0, delta, finish_reason: null }] };
}

/** The error for a stream that ends before the response does. */
export function brokenStream(): APIConnectionError {
  return new APIConnectionError(
    "the model server broke its answer off before the end: check the network, and how long proxies on the way " +
      "keep a connection open",
  );
}

/** The number in a field of the token counts; 0 if it has none. */
export function count(usage: unknown, name: string): number {
  const value = (usage as Fields | null | undefined)?.[name];
  return typeof value === "number" ? value : 0;
}
