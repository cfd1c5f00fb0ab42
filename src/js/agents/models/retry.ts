/**
 * The retry policy for requests to model servers: openai/_base_client.py, `_should_retry`,
 * `_calculate_retry_timeout`.
 */

import { raceAbort } from "../observe/scope.js";

const INITIAL_DELAY_MS = 500;
const MAX_DELAY_MS = 8_000;
/** The longest `Retry-After` that is honoured; a request with a longer one is not retried. */
const MAX_RETRY_AFTER_MS = 120_000;

/** Whether a request that got an error status is sent again. */
export function shouldRetry(status: number, headers: Headers): boolean {
  if (retryAfterMs(headers) > MAX_RETRY_AFTER_MS) return false;
  const advice = headers.get("x-should-retry");
  return (
    advice === "true" || (advice !== "false" && (status === 408 || status === 409 || status === 429 || status >= 500))
  );
}

/**
 * The delay before the next attempt, in milliseconds: what the server asks for, else exponential
 * backoff from 500 ms to 8 s, with jitter of up to a quarter less.
 *
 * @param retriesTaken the number of retries made so far
 */
export function retryDelayMs(retriesTaken: number, headers: Headers | undefined): number {
  const requestedMs = headers ? retryAfterMs(headers) : 0;
  if (requestedMs > 0 && requestedMs <= MAX_RETRY_AFTER_MS) return requestedMs;
  return Math.min(INITIAL_DELAY_MS * 2 ** retriesTaken, MAX_DELAY_MS) * (1 - 0.25 * Math.random());
}

/** The delay in the headers `retry-after-ms` and `retry-after` (seconds, or a date); 0 for none. */
function retryAfterMs(headers: Headers): number {
  const after = headers.get("retry-after");
  const delays = [
    Number(headers.get("retry-after-ms") || NaN),
    Number(after || NaN) * 1000,
    Date.parse(after ?? "") - Date.now(),
  ];
  return delays.find(Number.isFinite) ?? 0;
}

/** Resolves after `delayMs`; rejects with the signal's reason if that comes first. */
export async function sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (): Promise<void> =>
    new Promise((resolve) => {
      timer = setTimeout(resolve, delayMs);
    });
  await raceAbort(wait, { signal }).finally(() => clearTimeout(timer));
}
