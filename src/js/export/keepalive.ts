/**
 * Requests that outlive their page. A browser lets all of them together carry 64 KiB
 * (Fetch standard, "HTTP-network-or-cache fetch") until their answers have been read, and Chromium
 * only ten at a time; one more is a network error. What is left of both is counted here.
 */

/** The standard's 64 KiB, less a little for whatever else the page sends while it is left. */
const CLOSING_BYTES = 60_000;
/** While people look at the page, half of it is left to the page's own requests. */
const LIVE_BYTES = 32_768;
/** One less than Chromium allows. */
const CLOSING_REQUESTS = 9;
const LIVE_REQUESTS = 4;

let bytesInFlight = 0;
let requestsInFlight = 0;
/** The last such request failed, perhaps because the page itself had used up the room. */
let isDoubtful = false;

/** How many bytes of bodies a page that is being left may still send. */
export function unloadBudgetBytes(): number {
  return requestsInFlight >= CLOSING_REQUESTS ? 0 : Math.max(CLOSING_BYTES - bytesInFlight, 0);
}

/** Of so many requests under way, whether some will end with the page. */
export function isFragile(underWay: number): boolean {
  return underWay > requestsInFlight;
}

/** Takes room for a request of that size; `undefined` if there is none. Give it back when its answer has been read. */
export function takeRoom(bytes: number, isClosing: boolean): { giveBack(hasWorked: boolean): void } | undefined {
  if (!isClosing && isDoubtful) {
    isDoubtful = false; // one request goes without
    return undefined;
  }
  const fits =
    bytesInFlight + bytes <= (isClosing ? CLOSING_BYTES : LIVE_BYTES) &&
    requestsInFlight < (isClosing ? CLOSING_REQUESTS : LIVE_REQUESTS);
  if (!fits) return undefined;
  bytesInFlight += bytes;
  requestsInFlight += 1;
  return {
    giveBack: (hasWorked) => {
      bytesInFlight -= bytes;
      requestsInFlight -= 1;
      isDoubtful = !hasWorked;
    },
  };
}
