/** Calls a function when a result is available, now or later, without affecting those who wait for it. */

/**
 * Calls one of the two functions with the outcome of `result`: at once, or for a promise when that settles.
 * Other thenables count as values: many of them start their work only when `then` is called.
 *
 * @returns `result`; for a promise another one that settles the same way, so that an unhandled
 *   rejection stays unhandled.
 */
export function onSettled<Result>(
  result: Result,
  onValue: (value: unknown) => void,
  onError: (error: unknown) => void,
): Result {
  if (!isPromise(result)) {
    onValue(result);
    return result;
  }
  const derived = Promise.resolve(result).then(
    (value) => {
      onValue(value);
      return value;
    },
    (error: unknown) => {
      onError(error);
      throw error;
    },
  );
  return derived as Result;
}

/** Whether `value` is a promise, of this realm or of another one. */
function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise || Object.prototype.toString.call(value) === "[object Promise]";
}
