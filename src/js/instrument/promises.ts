/**
 * Sees how a promise settles without being seen: the program gets the very promise it would have
 * got, goes on at the very moment it would have gone on, and an error that nobody handles stays an
 * error that nobody handles.
 *
 * That last part is the difficult one, since whoever looks at a promise counts as somebody who
 * handles its errors. Everybody who waits for a promise, with `await`, `then` or `Promise.all`,
 * reads its `constructor` first (ECMA-262, PromiseResolve and SpeciesConstructor). So a getter in
 * that place tells whether anybody does.
 */

import { guard } from "../util/guard.js";
import { unrefTimer } from "../util/host.js";
import { carryOver, isListening, listen } from "./carry.js";
import { isFields } from "./fields.js";
import { inFront, put, seeResults, type Undo } from "./patch.js";

/** Who wants to know. Exactly one of the two is called, once at most. */
export interface Settling {
  value(value: unknown): void;
  failure(error: unknown): void;
}

// Taken now: a program may replace it, and ours must not call the program's.
const then = Promise.prototype.then;

/** Who wants to know of which promise; each is prepared once. */
const watched = new WeakMap<Promise<unknown>, (settling: Settling) => void>();

/** Whether `value` is a real promise that is waited for in the usual way. */
export function isNativePromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise && value.then === then;
}

/**
 * Tells how `promise` settles.
 *
 * @param isFresh whether nobody but the caller can have had it: what an async function just gave.
 *   Only then is it certain that nobody handles its errors if nobody comes to wait for it.
 */
export function watchPromise(promise: Promise<unknown>, isFresh: boolean, settling: Settling): void {
  let tell = watched.get(promise);
  if (tell === undefined) watched.set(promise, (tell = prepare(promise, isFresh)));
  tell(settling);
}

/** Tells what `result` comes to: what a promise of any kind settles with, else itself at once. */
export function watchResult(result: unknown, isFresh: boolean, settling: Settling): void {
  if (isNativePromise(result)) watchPromise(result, isFresh, settling);
  else if (isFields(result) && typeof result["then"] === "function") watchThenable(result, settling);
  else settling.value(result);
}

/** Keeps the ambient scope for whoever waits for `promise`; wants nothing else of it. */
export function keepScopeOver(promise: Promise<unknown>): void {
  if (!watched.has(promise)) whenWaitedFor(promise, () => carryOver(promise));
}

/** Begins to watch a promise. Returns how to learn of its end. */
function prepare(promise: Promise<unknown>, isFresh: boolean): (settling: Settling) => void {
  let settlings: Settling[] | undefined = [];
  let outcome: (settling: Settling) => void;
  let isLookedAt = false;
  let isWaitedFor = false;
  let unhandled: Promise<never> | undefined;
  const settled = (tell: (settling: Settling) => void): void => {
    const waiting = settlings ?? [];
    settlings = undefined;
    outcome = tell;
    waiting.forEach(tell);
  };
  const look = (): void => {
    if (isLookedAt) return;
    isLookedAt = true;
    listen(
      promise,
      (value) => {
        settled((settling) => settling.value(value));
        forget?.();
      },
      (error) => {
        settled((settling) => settling.failure(error));
        // By looking we have handled it. If nobody else does, it is still to be heard of.
        if (isFresh && !isWaitedFor) unhandled = Promise.reject(error);
        else forget?.();
      },
    );
  };
  if (isFresh) look();
  const forget = whenWaitedFor(promise, () => {
    isWaitedFor = true;
    if (unhandled !== undefined)
      listen(
        unhandled,
        () => {},
        () => {},
      );
    look();
    carryOver(promise);
  });
  if (forget === undefined) {
    isWaitedFor = true;
    look();
  } else if (!isFresh) {
    queueMicrotask(() => {
      if (!isLookedAt) unrefTimer(setTimeout(look, 0));
    });
  }
  return (settling) => {
    if (settlings === undefined) queueMicrotask(() => outcome(settling));
    else settlings.push(settling);
  };
}

function whenWaitedFor(promise: Promise<unknown>, tell: () => void): Undo | undefined {
  if (Object.hasOwn(promise, "constructor")) return undefined;
  const get = (): unknown => {
    if (!isListening()) guard(tell);
    return Reflect.get(Object.getPrototypeOf(promise) as object, "constructor", promise);
  };
  return put(promise, "constructor", { get, configurable: true });
}

/**
 * Tells how a promise of another kind settles, as far as the program asks for it: many begin their
 * work, or read a body that can be read once, only when somebody does.
 */
function watchThenable(thenable: object, settling: Settling): void {
  const { value, failure } = onlyOnce(settling);
  if (watchApiPromise(thenable, { value, failure })) return;
  const looking =
    (fn: unknown, tell: (result: unknown) => void, pass: (result: unknown) => unknown): unknown =>
    (result: unknown): unknown => {
      tell(result);
      return typeof fn === "function" ? (fn as (result: unknown) => unknown)(result) : pass(result);
    };
  const orThrown = (onError: unknown): unknown =>
    looking(onError, failure, (error) => {
      throw error;
    });
  inFront(
    thenable,
    "then",
    (original) =>
      function (this: unknown, onValue?: unknown, onError?: unknown, ...rest: unknown[]) {
        return Reflect.apply(original, this, [
          looking(onValue, value, (result) => result),
          orThrown(onError),
          ...rest,
        ] as never[]);
      },
  );
  inFront(
    thenable,
    "catch",
    (original) =>
      function (this: unknown, onError?: unknown, ...rest: unknown[]) {
        return Reflect.apply(original, this, [orThrown(onError), ...rest] as never[]);
      },
  );
}

/**
 * The promise that API clients generated by Stainless give (those of OpenAI, Anthropic and others):
 * it reads the answer's body when it is waited for and hands out the raw answer if asked to, so it
 * must not be waited for on its behalf.
 */
function watchApiPromise(thenable: object, settling: Settling): boolean {
  const { value, failure } = settling;
  const { responsePromise, parseResponse } = thenable as { responsePromise?: unknown; parseResponse?: unknown };
  if (!isNativePromise(responsePromise) || typeof parseResponse !== "function") return false;
  let isRead = false;
  inFront(
    thenable,
    "parseResponse",
    (original) =>
      function (this: unknown, ...given: never[]) {
        isRead = true;
        const parsed = Reflect.apply(original, this, given);
        watchResult(parsed, true, settling);
        return parsed;
      },
  );
  seeResults(thenable, "_thenUnwrap", (derived) => {
    // Its helpers make another such promise of it, and only that one is waited for.
    if (isFields(derived)) watchApiPromise(derived, settling);
  });
  seeResults(thenable, "asResponse", (response) => {
    // `withResponse` asks for both; then the parsed answer is the one to tell.
    if (isNativePromise(response)) watchPromise(response, true, { value: () => isRead || value(undefined), failure });
  });
  watchPromise(responsePromise, true, { value: () => {}, failure });
  return true;
}

function onlyOnce({ value, failure }: Settling): Settling {
  let isTold = false;
  const first = (tell: (told: unknown) => void) => (told: unknown) => {
    if (isTold) return;
    isTold = true;
    tell(told);
  };
  return { value: first(value), failure: first(failure) };
}
