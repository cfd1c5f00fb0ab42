/**
 * Translates responses of OpenAI's Responses API (AG2: oai/openai_responses.py, `message_retrieval`, `_usage_dict`).
 */

import type { ModelRequest, ModelResponse } from "../message/message.js";
import { completionOf, count } from "../model-packages/answer.js";
import { APIError } from "../util/errors.js";
import { type Fields, isFields } from "../util/fields.js";
import { reasoningOfCalls } from "./responses-request.js";

/** The completion with a response. @throws APIError if it is none, or says that the model failed */
export function answered(response: unknown, request: Readonly<ModelRequest>): ModelResponse {
  if (!isFields(response) || !Array.isArray(response["output"]))
    throw new APIError("the model client's answer has no `output`: give a `client` of OpenAI's Responses API", {
      code: "invalid_response",
    });
  const { id, model, status, error, incomplete_details: details, usage, created_at: created } = response;
  if (status === "failed" || isFields(error))
    throw APIError.fromAnswer(undefined, isFields(error) ? error : { message: "the response failed" });
  const output = response["output"] as Fields[];
  const blocks = output.flatMap(({ type, content }) => (type === "message" ? (content as Fields[]) : []));
  const reasoning = output.filter(({ type }) => type === "reasoning");
  const calls = output
    .filter(({ type }) => type === "function_call")
    .map(({ call_id: callId, name, arguments: input }) => ({ id: String(callId), name: String(name), input }));
  if (calls[0] && reasoning.length > 0) reasoningOfCalls.set(calls[0].id, reasoning);
  const text = textOf(blocks, "output_text", "text");
  const images = output.filter(({ type, result }) => type === "image_generation_call" && typeof result === "string");
  const reason = isFields(details) ? details["reason"] : undefined;
  const { input_tokens_details: ofInput, output_tokens_details: ofOutput } = isFields(usage) ? usage : ({} as Fields);
  return completionOf({
    id: typeof id === "string" ? id : undefined,
    model: typeof model === "string" ? model : (request.model ?? ""),
    created: typeof created === "number" ? Math.floor(created) : undefined,
    content: images.length === 0 ? text : [...(text === "" ? [] : [{ type: "text", text }]), ...images.map(imagePart)],
    reasoning: reasoning.map(({ summary }) => textOf(summary as Fields[], "summary_text", "text")).join("\n\n"),
    refusal: textOf(blocks, "refusal", "refusal") || undefined,
    calls,
    finishReason: reason === "max_output_tokens" ? "length" : reason === "content_filter" ? reason : "stop",
    usage: {
      prompt: count(usage, "input_tokens"),
      completion: count(usage, "output_tokens"),
      total: count(usage, "total_tokens") || undefined,
      cached: count(ofInput, "cached_tokens"),
      reasoning: count(ofOutput, "reasoning_tokens"),
    },
  });
}

function textOf(blocks: readonly Fields[] | undefined, type: string, name: string): string {
  return (blocks ?? []).flatMap((block) => (block["type"] === type ? [block[name]] : [])).join("\n");
}

function imagePart({ result, output_format: format }: Fields): Fields {
  const type = typeof format === "string" ? format : "png";
  return { type: "image_url", image_url: { url: `data:image/${type};base64,${String(result)}` } };
}
