/**
 * Observes the result of a call, whatever it is: a value, a promise of one, or a sequence of values
 * (generators, async iterables, readable streams). Nothing is consumed, copied or delayed: the program's
 * own steps are observed as it takes them.
 */

import { guard } from "../util/guard.js";
import { scopeToCarry, withScope } from "./context.js";
import { isObject, memoize, ownValue, tryRead } from "./fields.js";
import { type AnyFunction, override, observeResults, type Undo } from "./patch.js";
import { isNativePromise, propagateScopeOver, type SettlementListener, watchResult } from "./promises.js";

/** Receives the result of a call. `value`, `failure` or `finished` is called once, at the end. */
export interface ResultListener extends SettlementListener {
  /** Receives one value of a sequence. */
  chunk(chunk: unknown): void;
  /**
   * The sequence has ended: with the return value of a generator, or `undefined` for anything else and if it was
   * ended early.
   */
  finished(returned: unknown): void;
  /** Runs a step of a generator, whose code runs when the next value is requested. */
  step<T>(work: () => T): T;
  /** Whether a result may be an object with a stream, as that of a model call. */
  readonly mayHoldStream?: boolean;
  /** The iterator or reader that the program steps, which may step others of the same result in turn. */
  primary?: object;
}

/** Iterators and streams that are observed already: an iterator may be reached in several ways. */
const watched = new WeakSet<object>();

/** Whether the steps of `iterator` are those to report: it is the first that the program steps. */
function isPrimary(listener: ResultListener, iterator: object): boolean {
  return (listener.primary ??= iterator) === iterator;
}

/** Calls `listener` with the listener of `result`, which `fn` returned. */
export function watchCallResult(result: unknown, fn: AnyFunction, listener: ResultListener): void {
  watchResult(result, givesFreshPromises(fn), {
    value: (value) => {
      // What a Proxy or a getter throws: the sequence cannot be observed, and counts as a value.
      if (tryRead(() => watchSequence(value, listener)) !== true) listener.value(value);
    },
    failure: listener.failure,
  });
}

/**
 * Propagates the ambient scope to the code that awaits or steps `result`. For hosts without an asynchronous
 * context.
 */
export function propagateScopeThrough(result: unknown): void {
  const scope = scopeToCarry();
  if (scope === undefined) return;
  if (isNativePromise(result)) return propagateScopeOver(result);
  if (!isObject(result) || !tryRead(() => isIterator(result) && Symbol.asyncIterator in result)) return;
  const ignore = (): void => {};
  const step = <T>(work: () => T): T => withScope(scopeToCarry() ?? scope, work);
  watchIterator(result, { value: ignore, failure: ignore, chunk: ignore, finished: ignore, step });
}

/** Observes `value` if it is a sequence of values; returns whether it is. Throws what reading it throws. */
function watchSequence(value: unknown, listener: ResultListener): boolean {
  if (!isObject(value)) return false;
  // A stream beside what is known of the call before: Vercel's `doStream`.
  const stream = listener.mayHoldStream ? ownValue(value, "stream") : undefined;
  if (isObject(stream)) return watchSequence(stream, listener);
  if (classTag(value) === "[object ReadableStream]") watchReadable(value, listener);
  else if (isIterator(value)) watchIterator(value, listener);
  else if (typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === "function")
    watchIterable(value, listener);
  else return false;
  return true;
}

/** Reports the result of a step: one more value, or the end. Returns whether it was the end. */
function reportStep(result: unknown, { chunk, finished }: ResultListener): boolean {
  const { done, value } = (isObject(result) ? result : {}) as Partial<IteratorResult<unknown, unknown>>;
  if (done === true) finished(value);
  else chunk(value);
  return done === true;
}

/** Observes the steps that the program takes with an iterator, until it ends. */
function watchIterator(iterator: object, listener: ResultListener): void {
  if (watched.has(iterator)) return;
  watched.add(iterator);
  const isFresh = classTag(iterator) === "[object AsyncGenerator]";
  const undos: (Undo | undefined)[] = [];
  const restore = (): void => undos.forEach((undo) => undo?.());
  const failure = (error: unknown): void => {
    restore();
    listener.failure(error);
  };
  /** Observes the calls of one method. `report` reports the result of one, and returns whether it was the last. */
  const observe = (name: string, report: (result: unknown) => boolean): Undo | undefined => {
    const value = (result: unknown): void => {
      if (report(result)) restore();
    };
    return override(
      iterator,
      name,
      (original) =>
        function (this: unknown, ...args: never[]) {
          if (!isPrimary(listener, iterator)) return Reflect.apply(original, this, args);
          let result: unknown;
          try {
            result = listener.step(() => Reflect.apply(original, this, args));
          } catch (error) {
            failure(error);
            throw error;
          }
          guard(() => watchResult(result, isFresh, { value, failure }));
          return result;
        },
    );
  };
  const reportNext = (result: unknown): boolean => reportStep(result, listener);
  const reportReturn = (): boolean => {
    listener.finished(undefined);
    return true;
  };
  const undoNext = observe("next", reportNext);
  // A frozen iterator cannot be observed: better no end than a wrong one.
  if (undoNext === undefined) return listener.finished(undefined);
  undos.push(undoNext, observe("throw", reportNext), observe("return", reportReturn));
}

/** Observes the iterators that the program gets of an async iterable. */
function watchIterable(iterable: object, listener: ResultListener): void {
  const onIterator = (iterator: unknown): void => {
    if (isObject(iterator)) watchIterator(iterator, listener);
  };
  if (observeResults(iterable, Symbol.asyncIterator, onIterator) === undefined) return listener.finished(undefined);
  // The streams of API clients hold the function that makes their iterator in a property, and use it to split streams.
  if (Object.hasOwn(iterable, "iterator")) observeResults(iterable, "iterator", onIterator);
}

/** Observes a `ReadableStream`, in whichever way the program reads it. */
function watchReadable(stream: object, listener: ResultListener): void {
  if (watched.has(stream)) return;
  watched.add(stream);
  const { failure } = listener;
  const observe = (key: PropertyKey, onResult: (result: never) => void): Undo | undefined =>
    observeResults(stream, key, onResult as (result: unknown) => void);
  const onEnd = (result: unknown): void =>
    watchResult(result, true, { value: () => listener.finished(undefined), failure });
  const onIterator = (iterator: object): void => watchIterator(iterator, listener);
  const onBranch = (branch: object): void => watchReadable(branch, listener);
  if (observe("getReader", (reader: object) => watchReader(reader, listener)) === undefined)
    return listener.finished(undefined);
  observe(Symbol.asyncIterator, onIterator);
  observe("values", onIterator);
  observe("cancel", onEnd);
  observe("pipeTo", onEnd);
  observe("pipeThrough", onBranch);
  // Both branches have the same values, of which `isPrimary` reports one.
  observe("tee", (branches: object[]) => branches.forEach(onBranch));
}

function watchReader(reader: object, listener: ResultListener): void {
  observeResults(reader, "read", (result) => {
    if (isPrimary(listener, reader))
      watchResult(result, true, { value: (step) => reportStep(step, listener), failure: listener.failure });
  });
  observeResults(reader, "cancel", () => listener.finished(undefined));
}

function isIterator(value: object): boolean {
  return (
    typeof (value as { next?: unknown }).next === "function" &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

function classTag(value: unknown): string {
  return Object.prototype.toString.call(value);
}

/** The helpers by which compilers implement async functions for older engines. */
const COMPILED_ASYNC = /\b(?:__awaiter|__async|_?asyncToGenerator)\b/;

/** Whether only its caller can hold the promise that a function returns: that of an async function. */
export const givesFreshPromises: (fn: AnyFunction) => boolean = memoize(
  (fn: AnyFunction): boolean =>
    tryRead(
      () => classTag(fn) === "[object AsyncFunction]" || COMPILED_ASYNC.test(Function.prototype.toString.call(fn)),
    ) === true,
);
