/** Calls a function when a result is available, now or later, without affecting those who wait for it. */

import { guard } from "../util/guard.js";
import { watchResult } from "../instrument/promises.js";

/**
 * Calls one of the two functions with the outcome of `result`: at once, or for a promise of any kind when that
 * settles. The program keeps its own promise, with all its methods. An unhandled rejection of a fresh promise stays
 * unhandled; that of another counts as handled, since who else holds the promise is not known.
 * `then` of other thenables is not called, since many start their work only then: their outcome is known if the
 * program waits for them within the same task; otherwise they count as values. Never throws.
 *
 * @param isFresh whether only the caller can hold the promise, as that of an async function.
 */
export function onSettled(
  result: unknown,
  isFresh: boolean,
  onValue: (value: unknown) => void,
  onError: (error: unknown) => void,
): void {
  guard(() => watchResult(result, isFresh, { value: onValue, failure: onError }, { mayBeValue: true }));
}
