/**
 * The one way out to the network: the host's `fetch`, or the one the program gave, with a deadline.
 */

import { isHidden } from "./page.js";

/** A `fetch` like the host's own. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** Longer than any healthy server takes, shorter than people wait. */
const TIMEOUT_MS = 10_000;
/** Browsers let all requests that outlive their page carry 64 KiB together. */
const KEEPALIVE_BYTES = 60_000;

let given: Fetch | undefined;

/** Uses `fetch` for all requests of the tracer; `undefined` goes back to the host's own. */
export function useFetch(fetch: Fetch | undefined): void {
  given = fetch;
}

/** Sends one request. Rejects when no answer came in time, as `fetch` does when none came at all. */
export function send(url: string, init: RequestInit): Promise<Response> {
  const { body } = init;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  // A request that began before the page was hidden may still finish; one that begins now would not.
  const keepalive = isHidden() && body instanceof Uint8Array && body.byteLength <= KEEPALIVE_BYTES;
  const fetch = given ?? globalThis.fetch;
  return fetch(url, { ...init, signal, redirect: "follow", ...(keepalive ? { keepalive } : {}) });
}
