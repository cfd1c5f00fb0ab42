/** The changes of traces that wait for the server: counted, and sent at once when the page unloads. */

import { observePageLifecycle } from "./page-lifecycle.js";

/** A change that waits. */
export interface Waiting {
  /** Sends it before this returns: the page unloads, which may be its last chance. */
  sendNow(): void;
  /** Sends it soon: what had failed before says nothing any more. */
  sendAgain(): void;
}

const waiting = new Set<Waiting>();
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

/** Keeps a change until the returned function is called. */
export function keepWaiting(change: Waiting): () => void {
  if (!isObserved) {
    isObserved = true;
    const sendAgain = (): void => waiting.forEach((each) => each.sendAgain());
    const unload = (): void => waiting.forEach((each) => each.sendNow());
    observePageLifecycle({ unload, hidden: () => {}, resume: sendAgain, online: sendAgain });
  }
  waiting.add(change);
  return () => void waiting.delete(change);
}
