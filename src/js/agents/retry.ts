/** When and how long to wait before asking a model server again (openai/_base_client.py, `_should_retry`, `_calculate_retry_timeout`). */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8_000;
/** A server that wants more time than this is not asked again. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/** Whether an answer with an error status is worth another try. */
export function isWorthRetrying(status: number, headers: Headers): boolean {
  if (retryAfterMs(headers) > LONGEST_RETRY_AFTER_MS) return false;
  const advice = headers.get("x-should-retry");
  return advice === "true" || (advice !== "false" && (status === 408 || status === 409 || status === 429 || status >= 500));
}

/**
 * How long to wait before the next try, in milliseconds: what the server asks for, else doubling
 * from half a second to eight, less up to a quarter so that clients do not march in step.
 *
 * @param retriesTaken tries after the first one that have been made already
 */
export function retryDelayMs(retriesTaken: number, headers: Headers | undefined): number {
  const wanted = headers ? retryAfterMs(headers) : 0;
  if (wanted > 0 && wanted <= LONGEST_RETRY_AFTER_MS) return wanted;
  return Math.min(FIRST_DELAY_MS * 2 ** retriesTaken, LONGEST_DELAY_MS) * (1 - 0.25 * Math.random());
}

/** What the headers `retry-after-ms` and `retry-after` (seconds, or a date) ask for; 0 for nothing. */
function retryAfterMs(headers: Headers): number {
  const after = headers.get("retry-after");
  const wishes = [numberIn(headers.get("retry-after-ms")), numberIn(after) * 1000, Date.parse(after ?? "") - Date.now()];
  return wishes.find(Number.isFinite) ?? 0;
}

function numberIn(text: string | null): number {
  return text?.trim() ? Number(text) : NaN;
}

/** Resolves after `delayMs`; throws the signal's reason if that comes first. */
export function wait(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
