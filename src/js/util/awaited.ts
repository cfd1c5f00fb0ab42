/**
 * Which promises of ours the program awaits. A request for such a one is work of the program; any other must not keep
 * a program alive that is done.
 */

let count = 0;

/** Whether the program awaits a promise of ours. */
export function isAwaiting(): boolean {
  return count > 0;
}

/** Counts the promise as awaited until it is settled. */
export function countAwaited<Result>(promise: Promise<Result>): Promise<Result> {
  count += 1;
  return promise.finally(() => {
    count -= 1;
  });
}

/**
 * Counts the promise as awaited once the program uses `await`, which reads its `constructor` (ECMAScript,
 * PromiseResolve) and does not call its `then`; `catch(() => {})` alone is no sign that the program waits.
 */
export function countIfAwaited<Result>(promise: Promise<Result>): Promise<Result> {
  const { constructor, then } = promise as unknown as {
    constructor: unknown;
    then: (...handlers: unknown[]) => unknown;
  };
  let isThen = false;
  let isCounted = false;
  const ignore = (): void => {};
  void Object.defineProperties(promise, {
    constructor: {
      configurable: true,
      get: () => {
        if (!isThen && !isCounted) {
          isCounted = true;
          void countAwaited(then.call(promise, ignore, ignore) as Promise<unknown>);
        }
        return constructor;
      },
    },
    // It is a promise already.
    // oxlint-disable-next-line unicorn/no-thenable
    then: {
      configurable: true,
      value: (...handlers: unknown[]) => {
        isThen = true;
        try {
          return then.apply(promise, handlers);
        } finally {
          isThen = false;
        }
      },
    },
  });
  return promise;
}
