/**
 * `mlflow-ag2/carry-scope`: what modules call that `mlflow-ag2/unplugin` has rewritten. In hosts with an asynchronous
 * context it does nothing.
 *
 * @module mlflow-ag2/carry-scope
 */

import { hasAsyncContext, scopeToCarry } from "../instrument/context.js";
import { isNativePromise, propagateScopeOver } from "../instrument/promises.js";
import { isEnabled } from "../util/enablement.js";
import { guard } from "../util/guard.js";

/**
 * Carries the active scope across the `await` of `value`: the code after `await carry(value)` is in the scope of the
 * code before it.
 *
 * @returns what to await: `value` itself if it is a promise.
 * @example
 * const response = await carry(fetch("/search"));
 */
export function carry<Value>(value: Value): Value | Promise<Awaited<Value>> {
  if (hasAsyncContext() || !isEnabled() || scopeToCarry() === undefined) return value;
  let awaited: Value | Promise<Awaited<Value>> = value;
  guard(() => {
    // As `await` itself makes a promise of anything else.
    const promise: Promise<unknown> = isNativePromise(value) ? value : Promise.resolve(value);
    propagateScopeOver(promise);
    awaited = promise as typeof awaited;
  });
  return awaited;
}

/**
 * As `carry`, for what a `for await` iterates over.
 *
 * @example
 * async function* numbers(): AsyncGenerator<number> {
 *   yield 1;
 * }
 * for await (const number of carryEach(numbers())) console.log(number);
 */
export function carryEach<Item>(
  iterable: AsyncIterable<Item> | Iterable<Item | Promise<Item>>,
): AsyncIterable<Item> | Iterable<Item | Promise<Item>> {
  if (hasAsyncContext() || !isEnabled() || scopeToCarry() === undefined || !(Symbol.asyncIterator in iterable))
    return iterable;
  return {
    [Symbol.asyncIterator](): AsyncIterator<Item> {
      const iterator = iterable[Symbol.asyncIterator]();
      const step = (name: "return" | "throw"): object =>
        iterator[name] === undefined
          ? {}
          : { [name]: (value: unknown) => carry(Reflect.apply(iterator[name]!, iterator, [value])) };
      return {
        next: () => carry(iterator.next()),
        ...step("return"),
        ...step("throw"),
      } as AsyncIterator<Item>;
    },
  };
}
