/** The changes of traces that wait for the server: counted, and sent at once when the page unloads. */

import { observePageLifecycle } from "./page-lifecycle.js";

/** What sends each change that waits. */
const waiting = new Set<() => void>();
let failed = 0;
let isObserved = false;

/** How many changes wait for the server. */
export function waitingChanges(): number {
  return waiting.size;
}

/** How many changes the server has not taken. */
export function failedChanges(): number {
  return failed;
}

/** Counts a change that the server has not taken. */
export function countFailedChange(): void {
  failed += 1;
}

/**
 * Keeps a change until the returned function is called.
 *
 * @param sendNow sends it while the page unloads, which may be its last chance
 */
export function keepWaiting(sendNow: () => void): () => void {
  if (!isObserved) {
    isObserved = true;
    const ignore = (): void => {};
    const unload = (): void => waiting.forEach((send) => send());
    observePageLifecycle({ unload, hidden: ignore, resume: ignore, online: ignore });
  }
  waiting.add(sendNow);
  return () => void waiting.delete(sendNow);
}
