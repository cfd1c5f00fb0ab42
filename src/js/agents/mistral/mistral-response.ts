/** Translates responses of Mistral's chat API (AG2: oai/mistral.py, `MistralAIClient.create`). */

import type { ModelRequest, ModelResponse } from "../message/message.js";
import { completionOf, randomId } from "../model-packages/answer.js";
import { tokenCounts } from "../models/token-counts.js";
import { APIError } from "../util/errors.js";
import { type Fields, isFields } from "../util/fields.js";

/** The completion with a response. @throws APIError if it is none */
export function answered(response: unknown, request: Readonly<ModelRequest>): ModelResponse {
  const choices = isFields(response) ? response["choices"] : undefined;
  if (!isFields(response) || !Array.isArray(choices))
    throw new APIError("the model client's answer has no `choices`: give a `client` that answers as Mistral's does", {
      code: "invalid_response",
    });
  const { message, finishReason } = (choices as Fields[])[0] ?? {};
  const { content, toolCalls } = isFields(message) ? message : ({} as Fields);
  const { text, reasoning } = readContent(content);
  const { prompt, completion, total, cacheRead } = tokenCounts(response);
  const { id, model, created } = response;
  return completionOf({
    id: typeof id === "string" ? id : undefined,
    model: typeof model === "string" ? model : (request.model ?? ""),
    created: typeof created === "number" ? created : undefined,
    content: text,
    reasoning,
    calls: (Array.isArray(toolCalls) ? (toolCalls as Fields[]) : []).map(({ id: callId, function: called }) => {
      const { name, arguments: input } = called as Fields;
      const isId = typeof callId === "string" && callId !== "" && callId !== "null";
      return { id: isId ? callId : randomId("call"), name: String(name), input };
    }),
    finishReason: String(finishReason).endsWith("length") ? "length" : "stop",
    usage: {
      prompt: prompt || 0,
      completion: completion || 0,
      total: total || undefined,
      cached: cacheRead || undefined,
    },
  });
}

/** The text of a content, which may be a list, and the reasoning in it. */
function readContent(content: unknown): { text: string; reasoning: string } {
  const found = { text: "", reasoning: "" };
  for (const chunk of Array.isArray(content) ? (content as unknown[]) : [content]) {
    if (typeof chunk === "string") found.text += chunk;
    else if (isFields(chunk) && chunk["type"] === "thinking") found.reasoning += readContent(chunk["thinking"]).text;
    else if (isFields(chunk) && typeof chunk["text"] === "string") found.text += chunk["text"];
  }
  return found;
}

/** A response that is being received. */
export class ResponseStream {
  #head: Fields = {};
  #content: unknown[] = [];
  readonly #calls: Fields[] = [];
  #finishReason: unknown;

  /** Adds a piece; returns what those who follow the stream get. */
  add(piece: Fields): { content: string } | { reasoning_content: string } | undefined {
    const { choices, ...head } = piece;
    this.#head = { ...this.#head, ...head, usage: head["usage"] ?? this.#head["usage"] };
    const { delta, finishReason } = (Array.isArray(choices) ? (choices as Fields[])[0] : undefined) ?? {};
    this.#finishReason = finishReason ?? this.#finishReason;
    const { content, toolCalls } = isFields(delta) ? delta : ({} as Fields);
    if (Array.isArray(toolCalls)) for (const call of toolCalls as Fields[]) this.#addCall(call);
    if (content === undefined || content === null || content === "") return undefined;
    this.#content = [...this.#content, ...(Array.isArray(content) ? (content as unknown[]) : [content])];
    const { text, reasoning } = readContent(content);
    if (text !== "") return { content: text };
    return reasoning === "" ? undefined : { reasoning_content: reasoning };
  }

  /** Whether the last piece has come. */
  get isComplete(): boolean {
    return this.#finishReason != null;
  }

  get response(): Fields {
    const message = { content: this.#content, toolCalls: this.#calls.filter(Boolean) };
    return { ...this.#head, choices: [{ message, finishReason: this.#finishReason }] };
  }

  /** Adds a call, or more of the arguments of one. The package makes the index of a call without one 0. */
  #addCall({ id, index, function: called }: Fields): void {
    const { name, arguments: input } = called as Fields;
    const isNew = typeof id === "string" && id !== "null" && this.#calls.every((call) => call["id"] !== id);
    const call = isNew ? undefined : (this.#calls.find((each) => each["id"] === id) ?? this.#calls[Number(index ?? 0)]);
    if (call === undefined) {
      this.#calls.push({ id, function: { name, arguments: input } });
      return;
    }
    const known = call["function"] as Fields;
    if (typeof known["arguments"] === "string" && typeof input === "string") known["arguments"] += input;
  }
}
