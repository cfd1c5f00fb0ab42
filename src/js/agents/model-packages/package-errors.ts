/** The errors of vendors' packages as `APIError`s, and retries where a package has none. */

import { AgentError, APIConnectionError, APIError, type APIErrorBody } from "../util/errors.js";
import { type Fields, isFields } from "../util/fields.js";
import { shownText } from "../util/shown-text.js";
import { retryDelayMs, shouldRetry, sleep } from "../models/retry.js";

/** The names of the errors by which packages report that no response came. */
const CONNECTION_ERRORS = new Set("ConnectionError RequestTimeoutError UnexpectedClientError".split(" "));

/** The options of a call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** The key, which an error must not show. */
  readonly apiKey?: string | undefined;
}

/** Calls a model. @throws APIError for an error of the server or the connection, or the reason of `signal` */
export async function callModel<T>({ signal, apiKey }: CallOptions, call: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  let result: T;
  try {
    result = await call();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw toAPIError(error, apiKey);
  }
  // Some packages end a stream that is aborted as if it were complete.
  signal?.throwIfAborted();
  return result;
}

/**
 * Makes one request of a package that does not retry, and repeats it after a transient failure, like our client for
 * OpenAI's API.
 */
export async function withRetries<T>(
  { maxRetries = 2, signal }: { maxRetries?: number | undefined; signal?: AbortSignal | undefined },
  attempt: () => Promise<T>,
): Promise<T> {
  for (let retriesTaken = 0; ; retriesTaken++) {
    try {
      return await attempt();
    } catch (error) {
      const { status, name } = Object(toAPIError(error)) as Partial<APIError>;
      const headers = headersOf(error);
      const isTransient =
        status === undefined ? name === "APIConnectionError" : shouldRetry(status, headers ?? new Headers());
      if (signal?.aborted || retriesTaken >= maxRetries || !isTransient) throw error;
      await sleep(retryDelayMs(retriesTaken, headers), signal);
    }
  }
}

/** A package's error about a response or the connection as an `APIError`; other errors are returned unchanged. */
export function toAPIError(error: unknown, apiKey?: string): unknown {
  if (!(error instanceof Error) || error instanceof APIError || error instanceof AgentError) return error;
  const { status, statusCode = status, status_code: code = statusCode } = error as Error & Fields;
  const body = bodyOf(error);
  const shown = (text: unknown): string | undefined =>
    typeof text === "string" ? shownText(text, { apiKey: apiKey ?? "" }) : undefined;
  const what = body["message"] ?? body["error"] ?? body["detail"] ?? error.message;
  const message = shown(typeof what === "string" ? what : JSON.stringify(what));
  if (typeof code === "number" || Object.keys(body).length > 0) {
    // The class of error is Google's `status`.
    const { type = body["status"], code: given, param } = body;
    const answer = { message, type: shown(type), code: shown(given), param: shown(param) };
    return Object.assign(APIError.fromAnswer(typeof code === "number" ? code : undefined, answer as APIErrorBody), {
      cause: error,
    });
  }
  // The packages of Anthropic and OpenAI have no other mark of an error without a response, once they are minified.
  if (!("status" in error) && !CONNECTION_ERRORS.has(error.name) && !isOfFetch(error)) return error;
  return new APIConnectionError(`the model server cannot be reached: ${message ?? ""}`, { cause: error });
}

/** What `fetch` throws where no response comes: in Node "fetch failed", in Deno "error sending request", … */
function isOfFetch({ name, message, cause }: Error): boolean {
  // The signal of the call is no cause here: a package ends a request by a signal of its own when time is over.
  if (name === "TimeoutError" || name === "AbortError") return true;
  return (
    (name === "TypeError" &&
      ["fetch", "sending request", "network", "Load failed"].some((word) => message.includes(word))) ||
    (isFields(cause) && "code" in cause && String(cause["code"]).startsWith("E"))
  );
}

/** The headers of the response that an error is about, where the package keeps them. */
function headersOf(error: unknown): Headers | undefined {
  const { headers } = error as { headers?: unknown };
  return headers instanceof Headers ? headers : undefined;
}

/** The error object in the response: packages keep it as an object, as text, or in their message. */
function bodyOf(error: Error): Fields {
  const { error: own, body = own } = error as Error & Fields;
  for (const holder of [body, error.message]) {
    let found = holder;
    if (typeof found === "string" && found.trimStart().startsWith("{")) {
      try {
        found = JSON.parse(found);
      } catch {
        // It is a text.
      }
    }
    if (isFields(found)) return isFields(found["error"]) ? found["error"] : found;
  }
  return {};
}
