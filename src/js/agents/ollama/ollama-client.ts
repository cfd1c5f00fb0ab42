/** The client for models that Ollama runs (AG2: oai/ollama.py, `OllamaClient`). */

import { brokenStream, chunkOf } from "../model-packages/answer.js";
import { callModel, withRetries } from "../model-packages/package-errors.js";
import { checkPackageOptions, notInstalled, onceMade, type PackageOptions } from "../model-packages/package-options.js";
import type { ModelRequest, ModelResponse } from "../message/message.js";
import type { ModelCallOptions, ModelClient } from "../models/model-client.js";
import { APIError, APITimeoutError } from "../util/errors.js";
import { type Fields, isFields } from "../util/fields.js";
import { ollamaRequest } from "./ollama-request.js";
import { answered, ResponseStream } from "./ollama-response.js";

/** A client like that of the npm package `ollama` (`new Ollama()`). */
export interface OllamaShapedClient {
  /** Calls the model. */
  chat(request: never): unknown;
}

/** Options of `OllamaClient`: a client, or how one is made. `apiKey` is for Ollama's cloud only. */
export interface OllamaClientOptions extends PackageOptions {
  /** A client of the package, with its address; not given: one is made of the other options. */
  client?: OllamaShapedClient | undefined;
}

/** A client for one call, which `signal` and the timeout end. */
type ClientForCall = (signal: AbortSignal | undefined) => OllamaShapedClient;

const FACTS = { name: "ollama", client: "OllamaClient", keyVariables: [], call: "chat" };
const DEFAULT_TIMEOUT_MS = 600_000;

/**
 * The client of Ollama's API, through the package `ollama`, which the program installs; `baseUrl` is AG2's
 * `client_host`. A `signal` ends the requests of a client that is given only while they stream, since the package takes
 * none.
 *
 * @example
 * const client = new OllamaClient({ baseUrl: "http://localhost:11434" });
 * const agent = new AssistantAgent({ name: "agent", llmConfig: { model: "qwen3", client, price: 0 } });
 */
export class OllamaClient implements ModelClient {
  /** The API, for observers. */
  readonly apiType = "ollama";
  readonly #options: OllamaClientOptions;
  readonly #client: () => Promise<ClientForCall>;

  /** @throws AgentError for a client of another shape, or an unknown option */
  constructor(options: OllamaClientOptions = {}) {
    const checked = checkPackageOptions(options, FACTS, (client) => typeof (client as Fields)["chat"] === "function");
    const { client } = checked;
    this.#options = checked;
    this.#client = onceMade(client && (() => client), () => makeClient(checked));
  }

  /**
   * Translates one request, sends it, and translates its response.
   *
   * @throws APIError if the server rejects it or cannot be reached, AgentError for a content that cannot be translated,
   *   or the reason of `signal`
   */
  async create(request: Readonly<ModelRequest>, { signal, onChunk }: ModelCallOptions = {}): Promise<ModelResponse> {
    const { apiKey, maxRetries, fetch } = this.#options;
    const body = await ollamaRequest(request, { fetch, signal });
    const clientFor = await this.#client();
    return callModel({ signal, apiKey }, async () => {
      // A copy, because the package changes its request.
      const send = async (): Promise<unknown> => clientFor(signal).chat({ ...body } as never);
      const response = await withRetries({ maxRetries, signal }, send);
      if (!isStream(response)) return answered(response, request);
      const stream = new ResponseStream();
      const abort = (): void => response.abort?.();
      signal?.addEventListener("abort", abort, { once: true });
      try {
        for await (const piece of response) {
          const delta = isFields(piece) ? stream.add(piece) : undefined;
          if (delta) await onChunk?.(chunkOf(String(body["model"]), delta));
        }
      } catch (cause) {
        // The package tells a broken stream and an error of the server by their texts alone.
        if (!stream.isComplete && cause instanceof Error && cause.name === "Error")
          throw cause.message.startsWith("Did not receive done")
            ? brokenStream()
            : Object.assign(APIError.fromAnswer(undefined, { message: cause.message }), { cause });
        throw cause;
      } finally {
        signal?.removeEventListener("abort", abort);
      }
      return answered(stream.response, request);
    });
  }

  /** Returns 0: local models are free. */
  cost(): number {
    return 0;
  }
}

function isStream(response: unknown): response is AsyncIterable<unknown> & { abort?: () => void } {
  return typeof response === "object" && response !== null && Symbol.asyncIterator in response;
}

async function makeClient(options: OllamaClientOptions): Promise<ClientForCall> {
  const { apiKey, baseUrl: host, headers: given, fetch = globalThis.fetch, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const headers = { ...(apiKey !== undefined && { Authorization: `Bearer ${apiKey}` }), ...given };
  let library: { Ollama: new (options: object) => OllamaShapedClient };
  try {
    // The variant for pages does all that is needed in every host, and imports nothing of Node.
    // By a name that the compiler does not look up: the build reads no types of the package.
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion
    library = (await import("ollama/browser" as string)) as typeof library;
  } catch (cause) {
    throw notInstalled(FACTS.name, cause);
  }
  return (signal) => {
    const fetchUntil = (url: string, init: RequestInit = {}): Promise<Response> =>
      fetchWithin(fetch, url, init, timeoutMs, signal);
    return new library.Ollama({ ...(host !== undefined && { host }), headers, fetch: fetchUntil });
  };
}

/** Fetches with a signal and a limit of waiting, which the package does not have. */
async function fetchWithin(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(new APITimeoutError(timeoutMs)), timeoutMs);
  const signals = [timeout.signal, init.signal, signal].filter((each) => each != null);
  try {
    return await fetch(url, { ...init, signal: AbortSignal.any(signals) });
  } catch (error) {
    throw timeout.signal.aborted ? timeout.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}
