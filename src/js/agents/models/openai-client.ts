/**
 * The built-in client: OpenAI's HTTP API, or a server that is compatible with it, through `fetch`
 * (AG2: oai/client.py, `OpenAIClient`; openai/_base_client.py, openai/_streaming.py).
 */

import { readCompletion } from "./completion.js";
import { CompletionStream } from "./completion-stream.js";
import { APIConnectionError, invalidResponse } from "../util/errors.js";
import { sendRequest, isFailure } from "./http-request.js";
import type { ModelRequest, ModelResponse } from "../message/message.js";
import type { ModelCallOptions, ModelClient } from "./model-client.js";
import { type DestinationOptions, type Endpoint, openAIEndpoint } from "./openai-endpoint.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { prepareRequest } from "./openai-request.js";
import { retryDelayMs, sleep } from "./retry.js";
import { eventData } from "./server-sent-events.js";

/** Options of `OpenAIClient`. */
export interface OpenAIClientOptions extends DestinationOptions {
  /** The number of retries of a failed request; not given: 2. */
  maxRetries?: number | undefined;
  /**
   * The timeout of one attempt in milliseconds; for a streamed completion, of each wait for data.
   * Not given: 600 000 (ten minutes).
   */
  timeoutMs?: number | undefined;
  /** A function that replaces the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

/** The rules of the options. An `llmConfig` has others beside them. */
const CLIENT_OPTIONS: OptionRules<OpenAIClientOptions> = {
  apiKey: "any",
  baseUrl: "any",
  headers: "object",
  maxRetries: "count",
  timeoutMs: "milliseconds",
  fetch: "function",
};

/**
 * The client of an OpenAI-compatible HTTP API. Agents create one from an `llmConfig` that names no
 * other `client`; create one yourself to call a model without an agent, or to share it.
 *
 * @example
 * const client = new OpenAIClient({ baseUrl: "http://localhost:11434/v1", maxRetries: 0 });
 * const { choices } = await client.create({ model: "llama3.2", messages: [{ role: "user", content: "Say hello." }] });
 * console.log(contentText(choices[0]?.message.content));
 */
export class OpenAIClient implements ModelClient {
  readonly #endpoint: Endpoint;
  readonly #options: OpenAIClientOptions;

  /** @throws AgentError if a key or an address is missing, or the address contains a password */
  constructor(options: OpenAIClientOptions = {}, endpoint: Endpoint = openAIEndpoint(options)) {
    checkOptions("OpenAIClient", options, CLIENT_OPTIONS, true);
    this.#endpoint = endpoint;
    this.#options = options;
  }

  /** Returns the request as it will be sent: a stream asks for token counts, and AG2's changes for some models. */
  prepare(request: Readonly<ModelRequest>): ModelRequest {
    return prepareRequest(request);
  }

  /**
   * Sends one request, and retries it after a transient failure. A stream that has begun is not
   * retried, because its first chunks have been reported already.
   *
   * @throws APIError if the server rejects it, APITimeoutError, APIConnectionError, or the reason of `signal`
   */
  async create(request: Readonly<ModelRequest>, { signal, onChunk }: ModelCallOptions = {}): Promise<ModelResponse> {
    const { maxRetries = 2, timeoutMs = 600_000, fetch = globalThis.fetch } = this.#options;
    const prepared = prepareRequest(request);
    const body = JSON.stringify(prepared);
    const read = async (response: Response, resetTimeout: () => void): Promise<ModelResponse> =>
      prepared.stream && !isJson(response)
        ? readStream(response, onChunk, resetTimeout)
        : readCompletion(await response.text());
    for (let retriesTaken = 0; ; retriesTaken++) {
      const headers = await this.#endpoint.headers();
      const url = this.#endpoint.url(prepared.model);
      const outcome = await sendRequest({ url, headers, body, timeoutMs, fetch, signal }, read);
      if (!isFailure(outcome)) return outcome;
      if (!outcome.isRetryable || retriesTaken >= maxRetries) throw outcome.error;
      await sleep(retryDelayMs(retriesTaken, outcome.headers), signal);
    }
  }
}

/** Whether the response is JSON: servers that cannot stream send the whole completion. */
function isJson(response: Response): boolean {
  return response.headers.get("content-type")?.includes("json") ?? false;
}

async function readStream(
  { body }: Response,
  onChunk: ModelCallOptions["onChunk"],
  resetTimeout: () => void,
): Promise<ModelResponse> {
  const stream = new CompletionStream();
  for await (const events of body ? eventData(body, throwConnectionBroken) : []) {
    resetTimeout();
    for (const data of events) {
      if (data.startsWith("[DONE]")) return stream.finish();
      const chunk = parseChunk(data);
      stream.add(chunk);
      await onChunk?.(chunk);
    }
  }
  const completion = stream.finish();
  if (stream.isOpen) throwConnectionBroken();
  return completion;
}

function throwConnectionBroken(cause?: unknown): never {
  throw new APIConnectionError(
    "the model server broke its answer off before the end: check the network, and how long proxies on the way " +
      "keep a connection open",
    { cause },
  );
}

function parseChunk(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw invalidResponse("stream is not JSON", cause);
  }
}
