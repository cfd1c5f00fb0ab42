/**
 * The built-in way to a model: OpenAI's HTTP API, or any server that speaks it, through `fetch`
 * (AG2: oai/client.py, `OpenAIClient`; openai/_base_client.py, openai/_streaming.py).
 */

import { readCompletion } from "./completion.js";
import { CompletionStream } from "./completion-stream.js";
import { APIConnectionError, unreadable } from "./errors.js";
import { attempt, isFailure } from "./http-attempt.js";
import type { ModelRequest, ModelResponse } from "./message.js";
import type { ModelCallOptions, ModelClient } from "./model-client.js";
import { type Destination, destination, type DestinationOptions } from "./openai-destination.js";
import { prepareRequest } from "./openai-request.js";
import { retryDelayMs, wait } from "./retry.js";
import { eventData } from "./server-sent-events.js";

/** How to reach a model server. */
export interface OpenAIClientOptions extends DestinationOptions {
  /** How often a failed request is sent again; not given: 2. */
  maxRetries?: number | undefined;
  /**
   * How long one try may take, in milliseconds; of a streamed completion: how long the server may
   * keep silent. Not given: 600 000 (ten minutes).
   */
  timeoutMs?: number | undefined;
  /** Used instead of the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

/**
 * A model behind an OpenAI-compatible HTTP API. Agents make one from their `llmConfig` where it names no
 * other `client`; make it yourself to ask a model without an agent, or to share one among several.
 *
 * @example
 * const client = new OpenAIClient({ baseUrl: "http://localhost:11434/v1", maxRetries: 0 });
 * const { choices } = await client.create({ model: "llama3.2", messages: [{ role: "user", content: "Say hello." }] });
 * console.log(contentText(choices[0]?.message.content));
 */
export class OpenAIClient implements ModelClient {
  readonly #destination: Destination;
  readonly #options: OpenAIClientOptions;

  /** @throws AgentError when a key or an address is missing, or the address would give a password away */
  constructor(options: OpenAIClientOptions = {}, to: Destination = destination(options)) {
    this.#destination = to;
    this.#options = options;
  }

  /** The request as it will be sent: with token counts when it is streamed, and with AG2's changes for some models. */
  prepare(request: Readonly<ModelRequest>): ModelRequest {
    return prepareRequest(request);
  }

  /**
   * Sends one request, again after a failure that may pass. A stream that has begun is not asked
   * for again: its beginning has been reported already.
   *
   * @throws APIError when the server refuses it, APITimeoutError, APIConnectionError, or the reason of `signal`
   */
  async create(request: Readonly<ModelRequest>, { signal, onChunk }: ModelCallOptions = {}): Promise<ModelResponse> {
    const { maxRetries = 2, timeoutMs = 600_000, fetch = globalThis.fetch } = this.#options;
    const prepared = prepareRequest(request);
    const body = JSON.stringify(prepared);
    const read = async (response: Response, isAlive: () => void): Promise<ModelResponse> =>
      prepared.stream && !isJson(response) ? readStream(response, onChunk, isAlive) : readCompletion(await response.text());
    for (let retriesTaken = 0; ; retriesTaken++) {
      const headers = await this.#destination.headers();
      const url = this.#destination.url(prepared.model);
      const answer = await attempt({ url, headers, body, timeoutMs, fetch, signal }, read);
      if (!isFailure(answer)) return answer;
      if (!answer.mayPass || retriesTaken >= maxRetries) throw answer.error;
      await wait(retryDelayMs(retriesTaken, answer.headers), signal);
    }
  }
}

/** Servers that cannot stream answer with the whole completion. */
function isJson(response: Response): boolean {
  return response.headers.get("content-type")?.includes("json") ?? false;
}

async function readStream({ body }: Response, onChunk: ModelCallOptions["onChunk"], isAlive: () => void): Promise<ModelResponse> {
  const stream = new CompletionStream();
  for await (const events of body ? eventData(body, brokenOff) : []) {
    isAlive();
    for (const data of events) {
      if (data.startsWith("[DONE]")) return stream.finish();
      const chunk = parsed(data);
      stream.add(chunk);
      await onChunk?.(chunk);
    }
  }
  const completion = stream.finish();
  if (stream.isOpen) brokenOff();
  return completion;
}

function brokenOff(cause?: unknown): never {
  throw new APIConnectionError("the model server broke its answer off before the end: check the network, and how long proxies on the way keep a connection open", { cause });
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw unreadable("stream is not JSON", cause);
  }
}
