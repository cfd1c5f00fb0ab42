/** What the bindings import of the host (src/wasm/host.rs, timer.rs): the glue names this file. */

import { unrefTimer } from "../util/host.js";

export { monotonicMs } from "../util/clock.js";

/** The longest wait of a timer in every host; a longer wait is shortened to it, and the exporter asks again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Fills `bytes`, which lie in the module's memory, with random bytes. */
export function fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
  try {
    crypto.getRandomValues(bytes);
  } catch {
    // Ids must differ, not be secret: where a page has removed `crypto`, `Math.random` will do.
    for (let at = 0; at < bytes.length; at++) bytes[at] = Math.random() * 256;
  }
}

/** Starts a timer; `keepsAlive` is whether a process lives until it fires. */
export function startTimer(callback: () => void, waitMs: number, keepsAlive: boolean): unknown {
  const timer = setTimeout(callback, Math.min(Math.max(waitMs, 0), MAX_TIMER_MS));
  if (!keepsAlive) unrefTimer(timer);
  return timer;
}

/** Stops a timer; one that has fired is no matter. */
export function stopTimer(timer: unknown): void {
  clearTimeout(timer as Parameters<typeof clearTimeout>[0]);
}
