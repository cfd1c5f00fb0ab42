/** One request to a model server, with its timeout. */

import { anySignal } from "../observe/scope.js";
import { APIConnectionError, APIError, type APIErrorBody, APITimeoutError } from "../util/errors.js";
import { shownText } from "../util/shown-text.js";
import { shouldRetry } from "./retry.js";

/** A request, with its limits. */
export interface HttpRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** The longest time without any data from the server. */
  timeoutMs: number;
  fetch: typeof fetch;
  signal: AbortSignal | undefined;
}

/** A request that failed. */
export interface RequestFailure {
  readonly error: APIError;
  /** Whether a retry may succeed. */
  readonly isRetryable: boolean;
  readonly headers?: Headers;
}

/** Whether the outcome of a request is a failure. */
export function isFailure(outcome: object): outcome is RequestFailure {
  return "isRetryable" in outcome;
}

/**
 * Sends one request.
 *
 * @param read reads a successful response, and calls `resetTimeout` whenever data has arrived. An
 *   APIError that it throws is not retried.
 * @throws the reason of the signal, or an APIError of `read`
 */
export async function sendRequest<Result extends object>(
  { url, headers, body, timeoutMs, fetch: fetchRequest, signal }: HttpRequest,
  read: (response: Response, resetTimeout: () => void) => Promise<Result>,
): Promise<Result | RequestFailure> {
  signal?.throwIfAborted();
  // A controller instead of AbortSignal.timeout, whose timer would outlive the request.
  const controller = new AbortController();
  const timeout = new APITimeoutError(timeoutMs);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const resetTimeout = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(timeout), timeoutMs);
  };
  resetTimeout();
  try {
    const either = anySignal(controller.signal, signal) as AbortSignal;
    const response = await fetchRequest(url, { method: "POST", headers, body, signal: either });
    if (!response.ok) {
      const { status } = response;
      return {
        error: APIError.fromAnswer(
          status,
          parseErrorBody(await response.text(), (text) => shownText(text, headers)),
        ),
        isRetryable: shouldRetry(status, response.headers),
        headers: response.headers,
      };
    }
    return await read(response, resetTimeout);
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    // An APIError here means that the timeout broke a stream that had begun.
    if (controller.signal.aborted) return { error: timeout, isRetryable: !(cause instanceof APIError) };
    if (cause instanceof APIError) {
      const shown = (text = ""): string | undefined => shownText(text, headers) || undefined;
      throw Object.assign(cause, { message: shown(cause.message), code: shown(cause.code), type: shown(cause.type) });
    }
    return {
      error: new APIConnectionError(
        `the model server at \`${origin(url)}\` cannot be reached: check \`baseUrl\` and the network`,
        { cause },
      ),
      isRetryable: true,
    };
  } finally {
    clearTimeout(timer);
  }
}

function parseErrorBody(text: string, shown: (text: string) => string): APIErrorBody | undefined {
  try {
    const parsed: unknown = JSON.parse(text, (_, value: unknown) => (typeof value === "string" ? shown(value) : value));
    const body = (parsed as { error?: unknown } | null)?.error ?? parsed;
    return typeof body === "object" && body !== null ? (body as APIErrorBody) : { message: String(body) };
  } catch {
    return undefined;
  }
}

/** The part of a URL that is safe to show: no user name, password, path or query. */
function origin(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "an unreadable URL";
}
