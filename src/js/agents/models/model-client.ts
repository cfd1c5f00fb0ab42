/** The interface of model clients (AG2: llm_config/client.py, `ModelClient`). */

import type { ChatMessage, ModelRequest, ModelResponse } from "../message/message.js";
import type { ModelUsage } from "./usage.js";

/** Options of `ModelClient.create`. */
export interface ModelCallOptions {
  /** The signal that ends the call early; `create` then throws its reason. */
  signal?: AbortSignal | undefined;
  /** Receives every chunk of a streamed completion. Await its promise: the receiver may be slow. */
  onChunk?: ((chunk: unknown) => void | Promise<void>) | undefined;
}

/**
 * A client for a model. Give your own as `client` in an entry of `configList`. Only `create` is
 * required; the rest is derived from the response, which has the shape of OpenAI's `chat.completion`.
 */
export interface ModelClient {
  /** The API that it speaks, by the names of `apiType` in `llmConfig`, for observers; not given: OpenAI's. */
  readonly apiType?: string | undefined;
  /** Makes one completion. Throw an `APIError` to let the next entry of `configList` try. */
  create(request: Readonly<ModelRequest>, options: ModelCallOptions): Promise<ModelResponse>;
  /** Returns the request as the client will send it, for observers; not given: unchanged. */
  prepare?(request: Readonly<ModelRequest>): ModelRequest;
  /**
   * Returns the cost of a response in US dollars; not given: AG2's price table. `undefined`: unknown, it counts as 0.
   */
  cost?(response: ModelResponse): number | undefined;
  /** Returns the usage of a response; not given: its `usage` field. */
  getUsage?(response: ModelResponse): ModelUsage;
  /** Returns the text or message of each choice; not given: the message if it has tool calls, else its text. */
  messageRetrieval?(response: ModelResponse): (string | ChatMessage)[];
}
