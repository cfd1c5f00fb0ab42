/**
 * Observes how a promise settles without affecting the program: it gets the same promise, its reactions
 * run at the same time, and an unhandled rejection stays unhandled, as far as only the caller can hold the promise.
 *
 * The last is the difficult part, since a reaction of ours counts as a handler of errors. Everything that
 * waits for a promise, `await`, `then` or `Promise.all`, first reads its `constructor` (ECMA-262,
 * PromiseResolve and SpeciesConstructor). So a getter in that place tells whether the program waits.
 */

import { guard } from "../util/guard.js";
import { unrefTimer } from "../util/host.js";
import { propagateScope, isAddingReaction, addReaction } from "./context-propagation.js";
import { isObject } from "./fields.js";
import { override, defineReversibly, observeResults, type Undo } from "./patch.js";
import { promiseKind } from "./promise-kind.js";

/** Receives how a promise settles. Exactly one of the two is called, at most once. */
export interface SettlementListener {
  value(value: unknown): void;
  failure(error: unknown): void;
}

const ignore = (): void => {};

/** Whether `value` is a promise of the engine, whose class leaves `then` as it is. */
export function isNativePromise(value: unknown): value is Promise<unknown> {
  return promiseKind(value) === "native";
}

/**
 * Calls `listener` when `promise` settles.
 *
 * @param isFresh whether only the caller can hold the promise: the result of an async function. Only then
 *   is it certain that its errors are unhandled if nothing waits for it.
 */
export function watchPromise(promise: Promise<unknown>, isFresh: boolean, listener: SettlementListener): void {
  let observer = observers.get(promise);
  if (observer === undefined) observers.set(promise, (observer = new PromiseObserver(promise, isFresh)));
  observer.add(listener);
}

/** How `watchResult` observes thenables of other kinds than promises. */
export interface ThenableOptions {
  /** A thenable that the program does not wait for within the same task counts as a value. */
  readonly mayBeValue?: boolean;
}

/**
 * Calls `listener` with the outcome of `result`: of a promise of any kind when it settles, else at once. `then` of
 * a thenable is never called before the program calls it.
 */
export function watchResult(
  result: unknown,
  isFresh: boolean,
  listener: SettlementListener,
  { mayBeValue = false }: ThenableOptions = {},
): void {
  const kind = promiseKind(result);
  if (kind === undefined) return listener.value(result);
  const once = onlyOnce(listener);
  const thenable = result as object;
  try {
    if (kind === "native") watchPromise(result as Promise<unknown>, isFresh, once);
    else if (kind === "replaced") watchReplacedPromise(thenable, once);
    else if (!watchApiPromise(thenable, once)) watchThenable(thenable, once, mayBeValue);
  } catch {
    // A Proxy or a getter threw: it cannot be observed.
    once.value(result);
  }
}

/** Propagates the ambient scope to the code that waits for `promise`, and observes nothing else. */
export function propagateScopeOver(promise: Promise<unknown>): void {
  if (!observers.has(promise)) onAwait(promise, () => propagateScope(promise));
}

/**
 * The one observer of a promise, for all of its listeners. Its reaction handles errors, and the program's unhandled
 * ones must stay unhandled, so when it is added depends on the promise:
 *
 * - fresh: at once. If the promise rejects before the program waits, another one is rejected in its place.
 * - any other: when the program waits, at the latest at the end of the task, since the program's reaction may be there
 *   already.
 * - with a `constructor` of its own, which hides whether the program waits: at once; its errors count as handled.
 */
class PromiseObserver {
  readonly #promise: Promise<unknown>;
  /** Those that wait; `undefined` once the promise has settled. */
  #listeners: SettlementListener[] | undefined = [];
  /** Calls one listener, once the promise has settled. */
  #notify: (listener: SettlementListener) => void = ignore;
  #hasReaction = false;
  /** Whether errors are the program's matter, or count as handled by it. */
  #isHandled: boolean;
  /** Rejected in place of the promise, for the host to report the error as unhandled. */
  #unhandled: Promise<never> | undefined;
  readonly #removeGetter: Undo | undefined;

  constructor(promise: Promise<unknown>, isFresh: boolean) {
    this.#promise = promise;
    this.#isHandled = !isFresh;
    if (isFresh) this.#react();
    // It has turned out to be no promise.
    if (this.#listeners === undefined) return;
    this.#removeGetter = onAwait(promise, () => this.#awaited());
    if (this.#removeGetter === undefined) {
      this.#isHandled = true;
      this.#react();
    } else if (!isFresh) {
      queueMicrotask(() => {
        if (!this.#hasReaction) atEndOfTask(() => this.#react());
      });
    }
  }

  add(listener: SettlementListener): void {
    if (this.#listeners === undefined) queueMicrotask(() => this.#notify(listener));
    else this.#listeners.push(listener);
  }

  /** The program is about to wait for the promise, and so handles its errors. */
  #awaited(): void {
    this.#isHandled = true;
    if (this.#unhandled !== undefined) addReaction(this.#unhandled, ignore, ignore);
    this.#react();
    propagateScope(this.#promise);
  }

  /** Adds our reaction, once. */
  #react(): void {
    if (this.#hasReaction) return;
    this.#hasReaction = true;
    const fulfilled = (value: unknown): void => {
      this.#settle((listener) => listener.value(value));
      this.#removeGetter?.();
    };
    try {
      addReaction(this.#promise, fulfilled, (error) => this.#rejected(error));
    } catch {
      // Not a promise: an object that inherits from one, or a Proxy.
      fulfilled(this.#promise);
    }
  }

  #rejected(error: unknown): void {
    this.#settle((listener) => listener.failure(error));
    // The getter stays until the program waits: then it handles the other promise as well.
    if (this.#isHandled) this.#removeGetter?.();
    else this.#unhandled = Promise.reject(error);
  }

  #settle(notify: (listener: SettlementListener) => void): void {
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    this.#notify = (listener) => guard(() => notify(listener));
    listeners.forEach(this.#notify);
  }
}

const observers = new WeakMap<Promise<unknown>, PromiseObserver>();

/** Calls `listener` whenever the program is about to wait for `promise`; `undefined` where that cannot be observed. */
function onAwait(promise: Promise<unknown>, listener: () => void): Undo | undefined {
  if (Object.hasOwn(promise, "constructor")) return undefined;
  const get = (): unknown => {
    if (!isAddingReaction()) guard(listener);
    return Reflect.get(Object.getPrototypeOf(promise) as object, "constructor", promise);
  };
  return defineReversibly(promise, "constructor", { get, configurable: true });
}

/**
 * Observes a promise of the class that the program has put in the place of `Promise`: when the program waits for it,
 * and at the end of the task in any case, since such a class may adopt one promise by another without `then`.
 */
function watchReplacedPromise(promise: object, listener: SettlementListener): void {
  const { then } = promise as { then: (onValue: unknown, onError: unknown) => unknown };
  overrideReactions(promise, listener, ignore);
  atEndOfTask(() => Reflect.apply(then, promise, [listener.value, listener.failure]));
}

/**
 * Observes a thenable of another kind, as far as the program waits for it: many start their work, or read
 * a body that can be read once, only when something does.
 */
function watchThenable(thenable: object, listener: SettlementListener, mayBeValue: boolean): void {
  let isAwaited = false;
  const undo = overrideReactions(thenable, listener, () => (isAwaited = true));
  // One that is frozen cannot be observed.
  if (undo === undefined) return listener.value(thenable);
  if (!mayBeValue) return;
  atEndOfTask(() => {
    if (isAwaited) return;
    undo();
    listener.value(thenable);
  });
}

/** Overrides `then` and `catch`, so that the program's reactions notify too; `undefined` if that is not possible. */
function overrideReactions(
  thenable: object,
  { value, failure }: SettlementListener,
  awaited: () => void,
): Undo | undefined {
  const onFulfilled = (reaction: unknown): unknown => notifying(reaction, value, (result) => result);
  const onRejected = (reaction: unknown): unknown =>
    notifying(reaction, failure, (error) => {
      throw error;
    });
  const undoThen = override(
    thenable,
    "then",
    (original) =>
      function (this: unknown, onValue?: unknown, onError?: unknown, ...rest: unknown[]) {
        awaited();
        return Reflect.apply(original, this, [onFulfilled(onValue), onRejected(onError), ...rest] as never[]);
      },
  );
  const undoCatch = override(
    thenable,
    "catch",
    (original) =>
      function (this: unknown, onError?: unknown, ...rest: unknown[]) {
        awaited();
        return Reflect.apply(original, this, [onRejected(onError), ...rest] as never[]);
      },
  );
  if (undoThen === undefined) return undefined;
  return () => {
    undoThen();
    undoCatch?.();
  };
}

/** A reaction that notifies and then does what the program's does; `otherwise` if the program has given none. */
function notifying(
  reaction: unknown,
  notify: (result: unknown) => void,
  otherwise: (result: unknown) => unknown,
): (result: unknown) => unknown {
  return (result) => {
    guard(() => notify(result));
    return typeof reaction === "function" ? (reaction as (result: unknown) => unknown)(result) : otherwise(result);
  };
}

/** Calls `work` when the running task and its microtasks are over; at once where the host has no timer now. */
function atEndOfTask(work: () => void): void {
  try {
    unrefTimer(setTimeout(() => guard(work), 0));
  } catch {
    guard(work);
  }
}

/**
 * Observes the `APIPromise` of API clients generated by Stainless (those of OpenAI, Anthropic and others):
 * it reads the response's body when it is awaited and returns the raw response on request, so it must not
 * be awaited here. Returns whether it is one.
 */
function watchApiPromise(thenable: object, listener: SettlementListener): boolean {
  const { value, failure } = listener;
  const { responsePromise, parseResponse } = thenable as { responsePromise?: unknown; parseResponse?: unknown };
  if (!isNativePromise(responsePromise) || typeof parseResponse !== "function") return false;
  let isRead = false;
  override(
    thenable,
    "parseResponse",
    (original) =>
      function (this: unknown, ...args: never[]) {
        isRead = true;
        const parsed = Reflect.apply(original, this, args);
        watchResult(parsed, true, listener);
        return parsed;
      },
  );
  observeResults(thenable, "_thenUnwrap", (derived) => {
    // Its helpers derive another such promise, and only that one is awaited.
    if (isObject(derived)) watchApiPromise(derived, listener);
  });
  observeResults(thenable, "asResponse", (response) => {
    // `withResponse` needs both; then the parsed response is the one to report.
    if (isNativePromise(response)) watchPromise(response, true, { value: () => isRead || value(undefined), failure });
  });
  watchPromise(responsePromise, true, { value: ignore, failure });
  return true;
}

/** A listener that passes on the first outcome only. */
function onlyOnce({ value, failure }: SettlementListener): SettlementListener {
  let isNotified = false;
  const once = (notify: (result: unknown) => void) => (result: unknown) => {
    if (isNotified) return;
    isNotified = true;
    guard(() => notify(result));
  };
  return { value: once(value), failure: once(failure) };
}
