/** What a model looks like to agents (AG2: llm_config/client.py, `ModelClient`). */

import type { ChatMessage, ModelRequest, ModelResponse } from "./message.js";
import type { ModelUsage } from "./usage.js";

/** What comes with a request beside its body. */
export interface ModelCallOptions {
  /** Ends the call early; `create` then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Gets every piece of a streamed completion. Await what it returns: whoever reads along may be slow. */
  onChunk?: ((chunk: unknown) => void | Promise<void>) | undefined;
}

/**
 * A way to reach a model. Give your own as `client` in an entry of `configList`. Only `create` is
 * needed; the rest is derived from the response, which has the shape of OpenAI's `chat.completion`.
 */
export interface ModelClient {
  /** Makes one completion. Throw an `APIError` to let the next entry of `configList` try. */
  create(request: Readonly<ModelRequest>, options: ModelCallOptions): Promise<ModelResponse>;
  /** What the client will make of a request before it sends it, so that observers see what is sent; not given: nothing. */
  prepare?(request: Readonly<ModelRequest>): ModelRequest;
  /** The cost of a response in US dollars; not given: AG2's price table, 0 for other models. */
  cost?(response: ModelResponse): number;
  /** The usage of a response; not given: its `usage` field. */
  getUsage?(response: ModelResponse): ModelUsage;
  /** The text or message of each choice; not given: the message if it carries calls, else its text. */
  messageRetrieval?(response: ModelResponse): (string | ChatMessage)[];
}
