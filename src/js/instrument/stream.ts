/**
 * Sees how a call turns out, whatever it gives: a value, a promise of one, or values one after the
 * other (generators, async iterables, readable streams). Nothing is consumed, copied or delayed: the
 * program's own steps are watched as it takes them.
 */

import { currentScope, runWithin } from "./context.js";
import type { AnyFunction, Undo } from "./patch.js";
import { inFront, isNativePromise, keepScopeOver, type Settling, watchPromise, watchThenable } from "./promises.js";

/** Who wants to know. `value`, `failure` or `finished` is called once, at the end. */
export interface Outcome extends Settling {
  /** One value of several. */
  chunk(chunk: unknown): void;
  /** No more values come: what a generator returned, `undefined` for anything else or if it was left early. */
  finished(returned: unknown): void;
  /** Runs a step of a generator, whose code runs when somebody asks for the next value. */
  step<T>(work: () => T): T;
}

/** Streams that are watched already: an iterator is reached by several ways. */
const seen = new WeakSet<object>();

/** Of the iterators that one outcome has to do with, the one that the program steps: it may step others in turn. */
const leaders = new WeakMap<Outcome, object>();

function isLed(outcome: Outcome, iterator: object): boolean {
  const leader = leaders.get(outcome);
  if (leader === undefined) leaders.set(outcome, iterator);
  return leader === undefined || leader === iterator;
}

/** Tells how `result`, which `fn` gave, turns out. */
export function watch(result: unknown, fn: AnyFunction, outcome: Outcome): void {
  const settling: Settling = { value: (value) => watchValue(value, outcome), failure: outcome.failure };
  if (isNativePromise(result)) watchPromise(result, givesFreshPromises(fn), settling);
  else if (isThenable(result)) watchThenable(result, settling);
  else watchValue(result, outcome);
}

/** Keeps the ambient scope for whoever waits for `result`, or steps it. For hosts that do not. */
export function carry(result: unknown): void {
  const scope = currentScope();
  if (scope === undefined) return;
  if (isNativePromise(result)) return keepScopeOver(result);
  if (typeof result !== "object" || result === null || !isIterator(result) || !(Symbol.asyncIterator in result)) return;
  const nobody = (): void => {};
  const step = <T>(work: () => T): T => runWithin(currentScope() ?? scope, work);
  watchIterator(result, { value: nobody, failure: nobody, chunk: nobody, finished: nobody, step });
}

function watchValue(value: unknown, outcome: Outcome): void {
  if (typeof value !== "object" || value === null) return outcome.value(value);
  if (isReadableStream(value)) return watchReadable(value, outcome);
  if (isIterator(value)) return watchIterator(value, outcome);
  if (typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === "function") return watchIterable(value, outcome);
  outcome.value(value);
}

function watchIterator(iterator: object, outcome: Outcome): void {
  if (seen.has(iterator)) return;
  seen.add(iterator);
  const undos: (Undo | undefined)[] = [];
  const restore = (): void => undos.forEach((undo) => undo?.());
  const failure = (error: unknown): void => {
    restore();
    outcome.failure(error);
  };
  const step = (isReturn: boolean) => (result: unknown) => {
    const { done, value } = (typeof result === "object" && result !== null ? result : {}) as Partial<IteratorResult<unknown>>;
    if (done !== true && !isReturn) return outcome.chunk(value);
    restore();
    outcome.finished(isReturn ? undefined : value);
  };
  const isFresh = Object.prototype.toString.call(iterator) === "[object AsyncGenerator]";
  for (const name of ["next", "return", "throw"] as const) {
    const undo = inFront(iterator, name, (original) => function (this: unknown, ...given: never[]) {
      if (!isLed(outcome, iterator)) return Reflect.apply(original, this, given);
      let result: unknown;
      try {
        result = outcome.step(() => Reflect.apply(original, this, given));
      } catch (error) {
        failure(error);
        throw error;
      }
      const value = step(name === "return");
      if (isNativePromise(result)) watchPromise(result, isFresh, { value, failure });
      else if (isThenable(result)) watchThenable(result, { value, failure });
      else value(result);
      return result;
    });
    undos.push(undo);
    // Nothing of a frozen iterator can be seen: better no end than a wrong one.
    if (name === "next" && undo === undefined) return outcome.finished(undefined);
  }
}

function watchIterable(iterable: object, outcome: Outcome): void {
  const iterate = (original: AnyFunction): AnyFunction =>
    function (this: unknown, ...given: never[]) {
      const iterator = Reflect.apply(original, this, given);
      if (typeof iterator === "object" && iterator !== null) watchIterator(iterator, outcome);
      return iterator;
    };
  const undo = inFront(iterable, Symbol.asyncIterator, iterate);
  if (undo === undefined) return outcome.finished(undefined);
  // The streams of API clients keep what makes their iterator in a property, and split streams by it.
  if (Object.hasOwn(iterable, "iterator")) inFront(iterable, "iterator", iterate);
}

interface Reader {
  read(): Promise<{ done: boolean; value?: unknown }>;
}

function watchReadable(stream: ReadableStream<unknown>, outcome: Outcome): void {
  if (seen.has(stream)) return;
  seen.add(stream);
  const { failure } = outcome;
  const end = (): void => outcome.finished(undefined);
  const after = (result: unknown): void => {
    if (isNativePromise(result)) watchPromise(result, true, { value: end, failure });
  };
  const look = (key: PropertyKey, see: (result: unknown) => void): Undo | undefined =>
    inFront(stream, key, (original) => function (this: unknown, ...given: never[]) {
      const result = Reflect.apply(original, this, given);
      see(result);
      return result;
    });
  const iterated = (iterator: unknown): void => watchIterator(iterator as object, outcome);
  const isWatched = look("getReader", (reader) => watchReader(reader as Reader, outcome));
  if (isWatched === undefined) return end();
  look(Symbol.asyncIterator, iterated);
  look("values", iterated);
  look("cancel", after);
  look("pipeTo", after);
  look("pipeThrough", (readable) => watchReadable(readable as ReadableStream<unknown>, outcome));
  look("tee", (branches) => {
    const [one, other] = branches as [ReadableStream<unknown>, ReadableStream<unknown>];
    watchReadable(one, outcome);
    // Both give the same values, which are not to be told twice.
    watchReadable(other, outcome);
  });
}

function watchReader(reader: Reader, outcome: Outcome): void {
  inFront(reader, "read", (original) => function (this: unknown, ...given: never[]) {
    const result = Reflect.apply(original, this, given);
    if (isNativePromise(result) && isLed(outcome, reader)) {
      watchPromise(result, true, {
        value: (step) => {
          const { done, value } = step as { done: boolean; value?: unknown };
          if (done) outcome.finished(undefined);
          else outcome.chunk(value);
        },
        failure: outcome.failure,
      });
    }
    return result;
  });
  inFront(reader, "cancel", (original) => function (this: unknown, ...given: never[]) {
    outcome.finished(undefined);
    return Reflect.apply(original, this, given);
  });
}

function isThenable(value: unknown): value is object {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function isIterator(value: object): boolean {
  return typeof (value as { next?: unknown }).next === "function" && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

function isReadableStream(value: object): value is ReadableStream<unknown> {
  return Object.prototype.toString.call(value) === "[object ReadableStream]";
}

/** What compilers make of async functions for engines that have none. */
const COMPILED_ASYNC = /\b(?:__awaiter|__async|_?asyncToGenerator)\b/;
const fresh = new WeakMap<AnyFunction, boolean>();

/** Whether nobody can have seen the promise that a function gives before its caller. */
function givesFreshPromises(fn: AnyFunction): boolean {
  let known = fresh.get(fn);
  if (known === undefined) {
    known = Object.prototype.toString.call(fn) === "[object AsyncFunction]" || COMPILED_ASYNC.test(Function.prototype.toString.call(fn));
    fresh.set(fn, known);
  }
  return known;
}
