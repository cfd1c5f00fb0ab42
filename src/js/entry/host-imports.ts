/** The functions that the bindings import from the host (src/wasm/host.rs, timer.rs): the glue imports this file. */

import { MAX_TIMER_MS, unrefTimer } from "../util/host.js";

export { coreFailed } from "../bridge/loader.js";
export { monotonicMs } from "../util/clock.js";

/** Fills `bytes`, which lie in the module's memory, with random bytes. */
export function fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
  try {
    crypto.getRandomValues(bytes);
  } catch {
    // Ids must be unique, not secret: where a page has removed `crypto`, `Math.random` is good enough.
    for (let at = 0; at < bytes.length; at++) bytes[at] = Math.random() * 256;
  }
}

/**
 * Starts a timer; `keepsAlive`: whether the process waits for it. Returns a function that stops it. A wait that no host
 * can hold is cut: the exporter starts another timer then.
 */
export function startTimer(callback: () => void, waitMs: number, keepsAlive: boolean): () => void {
  const timer = setTimeout(callback, Math.min(Math.max(waitMs, 0), MAX_TIMER_MS));
  if (!keepsAlive) unrefTimer(timer);
  return () => clearTimeout(timer);
}
