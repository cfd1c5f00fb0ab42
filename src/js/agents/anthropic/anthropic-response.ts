/** Translates responses of Anthropic's messages API (AG2: oai/anthropic.py, `_process_response_content`). */

import type { ModelRequest, ModelResponse } from "../message/message.js";
import { brokenStream, chunkOf, completionOf, count } from "../model-packages/answer.js";
import { mergeUsage } from "../models/token-counts.js";
import { APIError } from "../util/errors.js";
import { type Fields, isFields } from "../util/fields.js";
import { thinkingOfCalls } from "./anthropic-request.js";
import { jsonIn } from "./json-mode.js";

/** A message of the API. */
export interface AnthropicMessage {
  id?: string;
  model?: string;
  content: Fields[];
  stop_reason?: unknown;
  stop_details?: unknown;
  usage?: unknown;
}

/** OpenAI's words for the reasons why a message ends; all others are "stop". */
const FINISH_REASONS: Readonly<Record<string, string>> = {
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "content_filter",
  tool_use: "tool_calls",
};

/** @throws APIError if a response is no message */
export function readMessage(response: unknown): AnthropicMessage {
  if (isFields(response) && Array.isArray(response["content"])) return response as unknown as AnthropicMessage;
  throw new APIError("the model client's answer has no `content`: give a `client` that answers as Anthropic's does", {
    code: "invalid_response",
  });
}

/** The completion with a message. */
export function answered(
  message: AnthropicMessage,
  request: Readonly<ModelRequest>,
  isJsonMode: boolean,
): ModelResponse {
  const { id, content, usage, stop_reason: reason } = message;
  const textsOf = (name: string): string =>
    content.flatMap((block) => (block["type"] === name && block[name] ? [block[name]] : [])).join("\n\n");
  const calls = content
    .filter(({ type }) => type === "tool_use")
    .map(({ id: callId, name, input }) => ({ id: String(callId), name: String(name), input }));
  const thinking = content.filter(({ type }) => type === "thinking" || type === "redacted_thinking");
  if (calls[0] && thinking.length > 0) thinkingOfCalls.set(calls[0].id, thinking);
  const [text, reasoning] = [textsOf("text"), textsOf("thinking")];
  const hasFormat = request["response_format"] !== undefined;
  const cached = count(usage, "cache_read_input_tokens");
  const cacheWritten = count(usage, "cache_creation_input_tokens");
  const { cache_creation: creation, output_tokens_details: details } = isFields(usage) ? usage : ({} as Fields);
  return completionOf({
    id,
    model: message.model ?? request.model ?? "",
    content: isJsonMode ? jsonIn(text) : hasFormat || calls.length > 0 ? text : withThinking(reasoning, text),
    reasoning,
    refusal: reason === "refusal" ? refusalOf(message.stop_details, text) : undefined,
    calls,
    finishReason: FINISH_REASONS[String(reason)] ?? "stop",
    usage: {
      prompt: count(usage, "input_tokens") + cached + cacheWritten,
      completion: count(usage, "output_tokens"),
      cached,
      cacheWritten,
      reasoning: count(details, "thinking_tokens"),
      ...(isFields(creation) && { own: { cache_creation: creation } }),
    },
  });
}

/** Reasoning is part of the text, as in AG2. */
function withThinking(reasoning: string, text: string): string {
  return [reasoning && `[Thinking]\n${reasoning}`, text].filter((part) => part !== "").join("\n\n");
}

function refusalOf(details: unknown, text: string): string {
  const explanation = isFields(details) ? details["explanation"] : undefined;
  return typeof explanation === "string" ? explanation : text || "the model gave no reason";
}

/** A message that is being received. */
export class MessageStream {
  #message: AnthropicMessage = { content: [] };
  #usage: Readonly<Fields> | undefined;
  #isComplete = false;

  /** Adds an event of the stream; returns what those who follow it get. */
  add(event: Fields): Fields | undefined {
    const { type, index, delta, message, content_block: block } = event;
    this.#usage = mergeUsage(this.#usage, event);
    const at = Number(index ?? 0);
    if (type === "message_start") this.#message = { ...(message as AnthropicMessage), content: [] };
    else if (type === "content_block_start") this.#message.content[at] = { ...(block as Fields) };
    else if (type === "message_delta") Object.assign(this.#message, delta);
    else if (type === "message_stop") this.#isComplete = true;
    else if (type === "content_block_delta" && isFields(delta)) return this.#addDelta(at, delta);
    return undefined;
  }

  /** The message. @throws APIError if it is not complete */
  finish(): AnthropicMessage {
    if (!this.#isComplete) throw brokenStream();
    const content = this.#message.content.filter(Boolean).map(({ json, ...block }) => {
      if (typeof json !== "string" || json === "") return block;
      return { ...block, input: parsed(json) };
    });
    return { ...this.#message, content, usage: this.#usage };
  }

  #addDelta(at: number, delta: Fields): Fields | undefined {
    const block = (this.#message.content[at] ??= {});
    const append = (name: string, text: unknown): void => {
      if (typeof text === "string") block[name] = String(block[name] ?? "") + text;
    };
    const { text, thinking, signature, partial_json: json } = delta;
    append("text", text);
    append("thinking", thinking);
    append("signature", signature);
    append("json", json);
    const model = this.#message.model ?? "";
    if (typeof text === "string") return chunkOf(model, { content: text });
    return typeof thinking === "string" ? chunkOf(model, { reasoning_content: thinking }) : undefined;
  }
}

/** The input of a tool. A text that is no JSON, as of a message that was cut off, stays a text, which tools report. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
