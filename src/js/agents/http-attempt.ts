/** One request to a model server, with its timeout. */

import { APIConnectionError, APIError, type APIErrorBody, APITimeoutError } from "./errors.js";
import { isWorthRetrying } from "./retry.js";

/** What to send, and how. */
export interface Attempt {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** How long the server may keep silent. */
  timeoutMs: number;
  fetch: typeof fetch;
  signal: AbortSignal | undefined;
}

/** An attempt that did not succeed. */
export interface Failure {
  readonly error: APIError;
  /** Whether another attempt may have better luck. */
  readonly mayPass: boolean;
  readonly headers?: Headers;
}

/** Tells one from what a good answer was read to. */
export function isFailure(answer: object): answer is Failure {
  return "mayPass" in answer;
}

/**
 * Sends one request.
 *
 * @param read reads a good answer; it calls `isAlive` whenever a piece of it has arrived, and the time
 *   counts anew. An APIError of its own is final.
 * @throws the reason of the signal, or what `read` throws as an APIError
 */
export async function attempt<Result extends object>(
  { url, headers, body, timeoutMs, fetch: send, signal }: Attempt,
  read: (response: Response, isAlive: () => void) => Promise<Result>,
): Promise<Result | Failure> {
  signal?.throwIfAborted();
  // A controller of our own instead of AbortSignal.timeout: its timer goes away with the request.
  const controller = new AbortController();
  const passOn = (): void => controller.abort(signal?.reason);
  signal?.addEventListener("abort", passOn, { once: true });
  const timeout = new APITimeoutError(timeoutMs);
  const giveUp = (): void => controller.abort(timeout);
  let timer = setTimeout(giveUp, timeoutMs);
  try {
    const response = await send(url, { method: "POST", headers, body, signal: controller.signal });
    if (!response.ok) {
      const { status, headers } = response;
      return { error: APIError.fromAnswer(status, errorIn(await response.text())), mayPass: isWorthRetrying(status, headers), headers };
    }
    return await read(response, () => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, timeoutMs);
    });
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    // A broken stream is one too, when it is the timeout that broke it.
    if (controller.signal.aborted) return { error: timeout, mayPass: !(cause instanceof APIError) };
    if (cause instanceof APIError) throw cause;
    return { error: new APIConnectionError(`the model server at \`${origin(url)}\` cannot be reached: check \`baseUrl\` and the network`, { cause }), mayPass: true };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", passOn);
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

/** The part of a URL that is safe to show: no user name, password, path or query. */
function origin(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "an unreadable URL";
}
