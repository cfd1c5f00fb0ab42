/** Doing something when work is done, whether that is now or later, without being noticed by whoever waits for it. */

/**
 * Does one thing or the other when `result` is there: at once, or when it is a promise, when that
 * settles. What neither does is look at a mere thenable: many of those begin their work only when
 * somebody asks for it.
 *
 * @returns `result`; for a promise one that settles the same, so that an error nobody handles is
 *   still an error nobody handles.
 */
export function afterwards<Result>(
  result: Result,
  onValue: (value: unknown) => void,
  onError: (error: unknown) => void,
): Result {
  if (!isPromise(result)) {
    onValue(result);
    return result;
  }
  const settled = Promise.resolve(result).then(
    (value) => {
      onValue(value);
      return value;
    },
    (error: unknown) => {
      onError(error);
      throw error;
    },
  );
  return settled as Result;
}

/** A promise of this page or of another frame. */
function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise || Object.prototype.toString.call(value) === "[object Promise]";
}
