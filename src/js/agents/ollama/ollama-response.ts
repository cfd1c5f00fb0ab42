/** Translates responses of Ollama's chat API (AG2: oai/ollama.py, `OllamaClient.create`). */

import type { ModelRequest, ModelResponse } from "../message/message.js";
import { completionOf, count, randomId } from "../model-packages/answer.js";
import { APIError } from "../util/errors.js";
import { type Fields, isFields } from "../util/fields.js";

/** The completion with a response. @throws APIError if it is none */
export function answered(response: unknown, request: Readonly<ModelRequest>): ModelResponse {
  const message = isFields(response) ? response["message"] : undefined;
  if (!isFields(response) || !isFields(message))
    throw new APIError("the model client's answer has no `message`: give a `client` that answers as Ollama's does", {
      code: "invalid_response",
    });
  const { model, created_at: created, done_reason: reason } = response;
  const { content, thinking, tool_calls: calls } = message;
  // Ollama has neither ids of responses nor of calls; the former is the time, as in AG2.
  const atMs = Date.parse(String(created));
  return completionOf({
    id: created == null ? undefined : String(created),
    model: typeof model === "string" ? model : (request.model ?? ""),
    created: Number.isNaN(atMs) ? undefined : Math.floor(atMs / 1000),
    content: typeof content === "string" ? content : "",
    reasoning: typeof thinking === "string" ? thinking : undefined,
    calls: (Array.isArray(calls) ? (calls as Fields[]) : []).map(({ function: called }) => {
      const { name, arguments: input } = called as Fields;
      return { id: randomId("ollama_func"), name: String(name), input };
    }),
    finishReason: reason === "length" ? "length" : "stop",
    usage: { prompt: count(response, "prompt_eval_count"), completion: count(response, "eval_count") },
  });
}

/** A response that is being received. */
export class ResponseStream {
  #response: Fields = {};
  readonly #message: Fields = { role: "assistant", content: "" };
  #calls: unknown[] = [];

  /** Adds a piece; returns what those who follow the stream get. */
  add(piece: Fields): { content: string } | { reasoning_content: string } | undefined {
    const { message, ...rest } = piece;
    this.#response = { ...this.#response, ...rest };
    const { content, thinking, tool_calls: calls } = isFields(message) ? message : ({} as Fields);
    if (Array.isArray(calls)) this.#calls = [...this.#calls, ...(calls as unknown[])];
    const append = (name: string, text: unknown): string => {
      if (typeof text !== "string" || text === "") return "";
      this.#message[name] = String(this.#message[name] ?? "") + text;
      return text;
    };
    const [text, thought] = [append("content", content), append("thinking", thinking)];
    if (text !== "") return { content: text };
    return thought === "" ? undefined : { reasoning_content: thought };
  }

  /** Whether the last piece has come. */
  get isComplete(): boolean {
    return this.#response["done"] === true;
  }

  get response(): Fields {
    return { ...this.#response, message: { ...this.#message, tool_calls: this.#calls } };
  }
}
