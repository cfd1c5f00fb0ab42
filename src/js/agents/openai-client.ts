/**
 * The built-in way to a model: OpenAI's HTTP API, or any server that speaks it, through `fetch`
 * (AG2: oai/client.py, `OpenAIClient`; openai/_base_client.py, openai/_streaming.py).
 */

import { readCompletion } from "./completion.js";
import { CompletionStream } from "./completion-stream.js";
import { APIConnectionError, APIError } from "./errors.js";
import { attempt, Failure } from "./http-attempt.js";
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

const DEFAULT_MAX_RETRIES = 2;
const DEFAULT_TIMEOUT_MS = 600_000;

/** A model behind an OpenAI-compatible HTTP API. */
export class OpenAIClient implements ModelClient {
  readonly #destination: Destination;
  readonly #maxRetries: number;
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch | undefined;

  /** @throws AgentError when a key or an address is missing, or the address would give a password away */
  constructor(options: OpenAIClientOptions = {}) {
    this.#destination = destination(options);
    this.#maxRetries = options.maxRetries ?? DEFAULT_MAX_RETRIES;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#fetch = options.fetch;
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
    const prepared = prepareRequest(request);
    const body = JSON.stringify(prepared);
    const read = (response: Response, isAlive: () => void): Promise<ModelResponse | string> =>
      prepared.stream && !isJson(response) ? readStream(response, onChunk, isAlive) : response.text();
    for (let retriesTaken = 0; ; retriesTaken++) {
      const headers = await this.#destination.headers();
      const url = this.#destination.url(prepared.model);
      const answer = await attempt({ url, headers, body, timeoutMs: this.#timeoutMs, fetch: this.#fetch ?? globalThis.fetch, signal }, read);
      if (!(answer instanceof Failure)) return typeof answer === "string" ? readCompletion(answer) : answer;
      if (!answer.mayPass || retriesTaken >= this.#maxRetries) throw answer.error;
      await wait(retryDelayMs(retriesTaken, answer.headers), signal);
    }
  }
}

/** Servers that cannot stream answer with the whole completion. */
function isJson(response: Response): boolean {
  return response.headers.get("content-type")?.includes("json") ?? false;
}

async function readStream(response: Response, onChunk: ModelCallOptions["onChunk"], isAlive: () => void): Promise<ModelResponse> {
  const stream = new CompletionStream();
  if (response.body === null) return stream.finish();
  const pieces = eventData(response.body);
  try {
    for (;;) {
      const { done, value: events } = await nextOf(pieces);
      if (done) break;
      isAlive();
      for (const data of events) {
        if (data.startsWith("[DONE]")) return stream.finish();
        const chunk = parsed(data);
        stream.add(chunk);
        await onChunk?.(chunk);
      }
    }
  } finally {
    await pieces.return();
  }
  const completion = stream.finish();
  if (stream.isOpen) throw brokenOff();
  return completion;
}

async function nextOf(pieces: AsyncGenerator<readonly string[], void, undefined>): Promise<IteratorResult<readonly string[], void>> {
  try {
    return await pieces.next();
  } catch (cause) {
    throw brokenOff(cause);
  }
}

function brokenOff(cause?: unknown): APIConnectionError {
  return new APIConnectionError("the model server broke its answer off before the end: check the network, and how long proxies on the way keep a connection open", { cause });
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new APIError("the model server's stream holds something that is not JSON: check that `baseUrl` leads to an OpenAI-compatible API", { code: "invalid_response", cause });
  }
}
