/**
 * Sees how a call turns out, whatever it gives: a value, a promise of one, or values one after the
 * other (generators, async iterables, readable streams). Nothing is consumed, copied or delayed: the
 * program's own steps are watched as it takes them.
 */

import { currentScope, runWithin } from "./context.js";
import { isFields, remembered } from "./fields.js";
import { type AnyFunction, inFront, seeResults, type Undo } from "./patch.js";
import { isNativePromise, keepScopeOver, type Settling, watchResult } from "./promises.js";

/** Who wants to know. `value`, `failure` or `finished` is called once, at the end. */
export interface Outcome extends Settling {
  /** One value of several. */
  chunk(chunk: unknown): void;
  /** No more values come: what a generator returned, `undefined` for anything else or if it was left early. */
  finished(returned: unknown): void;
  /** Runs a step of a generator, whose code runs when somebody asks for the next value. */
  step<T>(work: () => T): T;
  /** Of the iterators that it has to do with, the one that the program steps: that one may step others in turn. */
  leader?: object;
}

/** Streams that are watched already: an iterator is reached by several ways. */
const seen = new WeakSet<object>();

function isLed(outcome: Outcome, iterator: object): boolean {
  return (outcome.leader ??= iterator) === iterator;
}

/** Tells how `result`, which `fn` gave, turns out. */
export function watch(result: unknown, fn: AnyFunction, outcome: Outcome): void {
  watchResult(result, givesFreshPromises(fn), {
    value: (value) => watchValue(value, outcome),
    failure: outcome.failure,
  });
}

/** Keeps the ambient scope for whoever waits for `result`, or steps it. For hosts that do not. */
export function carry(result: unknown): void {
  const scope = currentScope();
  if (scope === undefined) return;
  if (isNativePromise(result)) return keepScopeOver(result);
  if (!isFields(result) || !isIterator(result) || !(Symbol.asyncIterator in result)) return;
  const nobody = (): void => {};
  const step = <T>(work: () => T): T => runWithin(currentScope() ?? scope, work);
  watchIterator(result, { value: nobody, failure: nobody, chunk: nobody, finished: nobody, step });
}

function watchValue(value: unknown, outcome: Outcome): void {
  if (!isFields(value)) return outcome.value(value);
  if (tagOf(value) === "[object ReadableStream]") return watchReadable(value, outcome);
  if (isIterator(value)) return watchIterator(value, outcome);
  if (typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === "function")
    return watchIterable(value, outcome);
  outcome.value(value);
}

/** What came of a step: one value more, or the end. */
function stepped(result: unknown, { chunk, finished }: Outcome): boolean {
  const { done, value } = (isFields(result) ? result : {}) as Partial<IteratorResult<unknown>>;
  if (done === true) finished(value);
  else chunk(value);
  return done === true;
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
  const isFresh = tagOf(iterator) === "[object AsyncGenerator]";
  for (const name of ["next", "return", "throw"]) {
    const value = (result: unknown): void => {
      if (name === "return") outcome.finished(undefined);
      else if (!stepped(result, outcome)) return;
      restore();
    };
    const undo = inFront(
      iterator,
      name,
      (original) =>
        function (this: unknown, ...given: never[]) {
          if (!isLed(outcome, iterator)) return Reflect.apply(original, this, given);
          let result: unknown;
          try {
            result = outcome.step(() => Reflect.apply(original, this, given));
          } catch (error) {
            failure(error);
            throw error;
          }
          watchResult(result, isFresh, { value, failure });
          return result;
        },
    );
    undos.push(undo);
    // Nothing of a frozen iterator can be seen: better no end than a wrong one.
    if (name === "next" && undo === undefined) return outcome.finished(undefined);
  }
}

function watchIterable(iterable: object, outcome: Outcome): void {
  const iterated = (iterator: unknown): void => {
    if (isFields(iterator)) watchIterator(iterator, outcome);
  };
  if (seeResults(iterable, Symbol.asyncIterator, iterated) === undefined) return outcome.finished(undefined);
  // The streams of API clients keep what makes their iterator in a property, and split streams by it.
  if (Object.hasOwn(iterable, "iterator")) seeResults(iterable, "iterator", iterated);
}

function watchReadable(stream: object, outcome: Outcome): void {
  if (seen.has(stream)) return;
  seen.add(stream);
  const { failure } = outcome;
  const look = (key: PropertyKey, see: (result: never) => void): Undo | undefined =>
    seeResults(stream, key, see as (result: unknown) => void);
  const isOver = (result: unknown): void =>
    watchResult(result, true, { value: () => outcome.finished(undefined), failure });
  const iterated = (iterator: object): void => watchIterator(iterator, outcome);
  const branched = (branch: object): void => watchReadable(branch, outcome);
  if (look("getReader", (reader: object) => watchReader(reader, outcome)) === undefined)
    return outcome.finished(undefined);
  look(Symbol.asyncIterator, iterated);
  look("values", iterated);
  look("cancel", isOver);
  look("pipeTo", isOver);
  look("pipeThrough", branched);
  // Both give the same values, which are not to be told twice.
  look("tee", (branches: object[]) => branches.forEach(branched));
}

function watchReader(reader: object, outcome: Outcome): void {
  seeResults(reader, "read", (result) => {
    if (isLed(outcome, reader))
      watchResult(result, true, { value: (step) => stepped(step, outcome), failure: outcome.failure });
  });
  seeResults(reader, "cancel", () => outcome.finished(undefined));
}

function isIterator(value: object): boolean {
  return (
    typeof (value as { next?: unknown }).next === "function" &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

/** What compilers make of async functions for engines that have none. */
const COMPILED_ASYNC = /\b(?:__awaiter|__async|_?asyncToGenerator)\b/;

/** Whether nobody can have seen the promise that a function gives before its caller. */
const givesFreshPromises = remembered(
  (fn: AnyFunction): boolean =>
    tagOf(fn) === "[object AsyncFunction]" || COMPILED_ASYNC.test(Function.prototype.toString.call(fn)),
);
