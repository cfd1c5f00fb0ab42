/** The OpenAI chat completions API over `fetch` (oai/client.py, `OpenAIClient`; openai/_base_client.py). */

import { readCompletion } from "./completion.js";
import { AgentError, APIConnectionError, APIError, type APIErrorBody, APITimeoutError } from "./errors.js";
import type { ModelRequest, ModelResponse } from "./message.js";
import type { ModelCallOptions, ModelClient } from "./model-client.js";
import { isWorthRetrying, retryDelayMs, wait } from "./retry.js";

/** How to reach a model server. */
export interface OpenAIClientOptions {
  /** Sent as bearer token. Not given: `OPENAI_API_KEY` of the environment; without either, none is sent. */
  apiKey?: string | undefined;
  /** Where the API begins, e.g. `http://localhost:8000/v1`; not given: `OPENAI_BASE_URL`, else OpenAI's own. */
  baseUrl?: string | undefined;
  /** How often a failed request is sent again; not given: 2. */
  maxRetries?: number | undefined;
  /** How long one try may take, in milliseconds; not given: 600 000 (ten minutes). */
  timeoutMs?: number | undefined;
  /** Further headers; they win over ours. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Used instead of the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

const OPENAI_URL = "https://api.openai.com/v1";
const DEFAULT_MAX_RETRIES = 2;
const DEFAULT_TIMEOUT_MS = 600_000;

/** A model behind an OpenAI-compatible HTTP API. */
export class OpenAIClient implements ModelClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #maxRetries: number;
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch | undefined;

  /** @throws AgentError when OpenAI's own API is meant and there is no key for it */
  constructor(options: OpenAIClientOptions = {}) {
    const baseUrl = options.baseUrl ?? environment("OPENAI_BASE_URL") ?? OPENAI_URL;
    const apiKey = options.apiKey ?? environment("OPENAI_API_KEY");
    if (apiKey === undefined && baseUrl === OPENAI_URL) {
      throw new AgentError("invalid_config", "there is no key for OpenAI's API: give `apiKey` in `llmConfig`, or set the environment variable `OPENAI_API_KEY`");
    }
    this.#url = completionsUrl(baseUrl);
    this.#headers = {
      "Content-Type": "application/json",
      Accept: "application/json",
      ...(apiKey !== undefined && { Authorization: `Bearer ${apiKey}` }),
      ...options.headers,
    };
    this.#maxRetries = options.maxRetries ?? DEFAULT_MAX_RETRIES;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#fetch = options.fetch;
  }

  /**
   * Sends one request, again after a failure that may pass.
   *
   * @throws APIError when the server refuses it, APITimeoutError, APIConnectionError, or the reason of `signal`
   */
  async create(request: Readonly<ModelRequest>, { signal }: ModelCallOptions = {}): Promise<ModelResponse> {
    if (request.stream) throw new AgentError("not_supported", "`stream: true` is not supported yet: leave it out of `llmConfig`");
    const body = JSON.stringify(request);
    for (let retriesTaken = 0; ; retriesTaken++) {
      const attempt = await this.#attempt(body, signal);
      if (!(attempt instanceof Failure)) return readCompletion(attempt);
      if (!attempt.mayPass || retriesTaken >= this.#maxRetries) throw attempt.error;
      await wait(retryDelayMs(retriesTaken, attempt.headers), signal);
    }
  }

  /** One request: the text of a good answer, or why there is none. */
  async #attempt(body: string, signal: AbortSignal | undefined): Promise<string | Failure> {
    signal?.throwIfAborted();
    // A controller of our own instead of AbortSignal.timeout: its timer goes away with the request.
    const controller = new AbortController();
    const passOn = (): void => controller.abort(signal?.reason);
    signal?.addEventListener("abort", passOn, { once: true });
    const timeout = new APITimeoutError(this.#timeoutMs);
    const timer = setTimeout(() => controller.abort(timeout), this.#timeoutMs);
    try {
      const send = this.#fetch ?? globalThis.fetch;
      const response = await send(this.#url, { method: "POST", headers: this.#headers, body, signal: controller.signal });
      const text = await response.text();
      if (response.ok) return text;
      return new Failure(APIError.fromAnswer(response.status, errorIn(text)), isWorthRetrying(response.status, response.headers), response.headers);
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      if (controller.signal.aborted) return new Failure(timeout, true);
      return new Failure(new APIConnectionError(`the model server at \`${origin(this.#url)}\` cannot be reached: check \`baseUrl\` and the network`, { cause }), true);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", passOn);
    }
  }
}

/** An attempt that did not succeed. */
class Failure {
  readonly error: APIError;
  readonly mayPass: boolean;
  readonly headers: Headers | undefined;

  constructor(error: APIError, mayPass: boolean, headers?: Headers) {
    this.error = error;
    this.mayPass = mayPass;
    this.headers = headers;
  }
}

function errorIn(text: string): APIErrorBody | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const body = (parsed as { error?: unknown } | null)?.error ?? parsed;
    return typeof body === "object" && body !== null ? (body as APIErrorBody) : { message: String(body) };
  } catch {
    return undefined;
  }
}

/** Where completions are asked for. A URL without scheme is taken for http, as in AG2 (llm_config/entry.py, `check_base_url`). */
function completionsUrl(baseUrl: string): string {
  const url = (baseUrl.includes("://") ? baseUrl : `http://${baseUrl}`).replace(/\/+$/, "");
  // fetch refuses such a URL, and its error message would show the password.
  if (/^[a-z]+:\/\/[^/?#]*@/i.test(url)) {
    throw new AgentError("invalid_config", "`baseUrl` must not hold a user name or password: use `apiKey` or `headers`");
  }
  return `${url}/chat/completions`;
}

/** The part of a URL that is safe to show: no user name, password, path or query. */
function origin(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return "an unreadable URL";
  }
}

/** A variable of the host's environment; hosts without one, or that refuse it, have none. */
function environment(name: string): string | undefined {
  try {
    return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name] || undefined;
  } catch {
    return undefined;
  }
}
