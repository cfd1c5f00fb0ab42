/**
 * The budget of keepalive requests, which outlive their page. A browser limits the bodies of all of them
 * to 64 KiB (Fetch standard, "HTTP-network-or-cache fetch") until their responses have been read, and
 * Chromium their number to ten; beyond that `fetch` fails with a network error.
 */

/** The standard's 64 KiB, less some for the page's own requests during unload. */
const UNLOAD_BYTES = 60_000;
/** While the page is visible, half of the budget is left to the page's own requests. */
const LIVE_BYTES = 32_768;
/** One less than Chromium allows. */
const UNLOAD_REQUESTS = 9;
const LIVE_REQUESTS = 4;

let bytesInFlight = 0;
let requestsInFlight = 0;
/** Whether the last keepalive request failed, perhaps because the page itself had used up the budget. */
let mayBeExhausted = false;

/** How many bytes of bodies may still be sent during unload. */
export function unloadBudgetBytes(): number {
  return requestsInFlight >= UNLOAD_REQUESTS ? 0 : Math.max(UNLOAD_BYTES - bytesInFlight, 0);
}

/** Whether some of this many requests in flight will end with the page. */
export function hasRequestsWithoutKeepalive(inFlight: number): boolean {
  return inFlight > requestsInFlight;
}

/**
 * Takes the budget for a request of this size, to be released when its response has been read; `undefined` if
 * there is none.
 */
export function acquireKeepalive(
  bytes: number,
  isUnload: boolean,
): { release(hasSucceeded: boolean): void } | undefined {
  if (!isUnload && mayBeExhausted) {
    mayBeExhausted = false; // one request is sent without keepalive
    return undefined;
  }
  const fits =
    bytesInFlight + bytes <= (isUnload ? UNLOAD_BYTES : LIVE_BYTES) &&
    requestsInFlight < (isUnload ? UNLOAD_REQUESTS : LIVE_REQUESTS);
  if (!fits) return undefined;
  bytesInFlight += bytes;
  requestsInFlight += 1;
  return {
    release: (hasSucceeded) => {
      bytesInFlight -= bytes;
      requestsInFlight -= 1;
      mayBeExhausted = !hasSucceeded;
    },
  };
}
