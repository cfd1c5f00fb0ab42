/** Translates responses of the Gemini API (AG2: oai/gemini.py, `_extract_parts_from_response`, `_process_parts`). */

import type { ModelRequest, ModelResponse } from "../message/message.js";
import { completionOf, randomId } from "../model-packages/answer.js";
import { mergeUsage, tokenCounts } from "../models/token-counts.js";
import { APIError } from "../util/errors.js";
import { type Fields, isFields } from "../util/fields.js";
import { signatureOfCalls } from "./gemini-request.js";

/** OpenAI's words for the reasons why a response ends; those that are not here mean that content was held back. */
const FINISH_REASONS: Readonly<Record<string, string>> = {
  FINISH_REASON_UNSPECIFIED: "stop",
  MAX_TOKENS: "length",
  STOP: "stop",
};

/** The completion with a response. @throws APIError if it is none */
export function answered(response: unknown, request: Readonly<ModelRequest>): ModelResponse {
  const {
    candidates,
    promptFeedback: feedback,
    responseId,
    modelVersion,
    usageMetadata,
  } = isFields(response) ? response : {};
  if (!Array.isArray(candidates) && !isFields(feedback))
    throw new APIError("the model client's answer has no `candidates`: give a `client` that answers as Gemini does", {
      code: "invalid_response",
    });
  const { content, finishReason } = (Array.isArray(candidates) ? (candidates as Fields[])[0] : undefined) ?? {};
  const parts = isFields(content) && Array.isArray(content["parts"]) ? (content["parts"] as Fields[]) : [];
  const calls = parts.flatMap((part) => callIn(part));
  const text = textIn(parts, false);
  const reason = String(finishReason ?? (isFields(feedback) && feedback["blockReason"]) ?? "STOP");
  const { prompt, completion, total, cacheRead } = tokenCounts(response);
  return completionOf({
    id: typeof responseId === "string" ? responseId : undefined,
    model: typeof modelVersion === "string" ? modelVersion : (request.model ?? ""),
    // As in AG2: the agents' conversation goes on with a text.
    content:
      parts.length > 0 && reason !== "RECITATION"
        ? text
        : `Unsuccessful Finish Reason: (${reason}) NO CONTENT RETURNED`,
    reasoning: textIn(parts, true),
    calls,
    finishReason: FINISH_REASONS[reason] ?? "content_filter",
    usage: {
      prompt: prompt || 0,
      completion: completion || 0,
      total: total || undefined,
      cached: cacheRead || undefined,
      reasoning: Number((usageMetadata as Fields | undefined)?.["thoughtsTokenCount"]) || undefined,
    },
  });
}

function textIn(parts: readonly Fields[], isThought: boolean): string {
  return parts
    .flatMap(({ text, thought }) => (typeof text === "string" && (thought === true) === isThought ? text : []))
    .join("");
}

function callIn({
  functionCall: call,
  thoughtSignature: signature,
}: Fields): { id: string; name: string; input: unknown }[] {
  if (!isFields(call)) return [];
  const id = typeof call["id"] === "string" ? call["id"] : randomId("call");
  if (typeof signature === "string") signatureOfCalls.set(id, signature);
  return [{ id, name: String(call["name"]), input: call["args"] ?? {} }];
}

/** A response that is being received. */
export class ResponseStream {
  #response: Fields = {};
  #usage: Readonly<Fields> | undefined;
  #parts: Fields[] = [];
  #finishReason: unknown;

  /** Adds a piece; returns what those who follow the stream get. */
  add(piece: Fields): { content: string } | { reasoning_content: string } | undefined {
    const { candidates, promptFeedback: feedback, responseId, modelVersion } = piece;
    this.#usage = mergeUsage(this.#usage, piece);
    for (const [name, value] of Object.entries({ promptFeedback: feedback, responseId, modelVersion }))
      if (value !== undefined) this.#response[name] = value;
    const { content, finishReason } = (Array.isArray(candidates) ? (candidates as Fields[])[0] : undefined) ?? {};
    this.#finishReason = finishReason ?? this.#finishReason;
    const parts = isFields(content) && Array.isArray(content["parts"]) ? (content["parts"] as Fields[]) : [];
    this.#parts = [...this.#parts, ...parts];
    const [text, thought] = [textIn(parts, false), textIn(parts, true)];
    if (text !== "") return { content: text };
    return thought === "" ? undefined : { reasoning_content: thought };
  }

  /** Whether the last piece has come. */
  get isComplete(): boolean {
    return this.#finishReason !== undefined || this.#response["promptFeedback"] !== undefined;
  }

  get response(): Fields {
    const candidates = [{ content: { parts: this.#parts }, finishReason: this.#finishReason }];
    return { ...this.#response, candidates, usageMetadata: this.#usage };
  }
}
