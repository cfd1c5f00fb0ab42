/**
 * Takes the ambient scope over an `await`, in hosts that do not: where somebody waits for a promise
 * that we watch, what goes on when that settles goes on in the scope in which the waiting began.
 *
 * The order of reactions tells where that begins and ends. A promise runs its reactions one directly
 * after the other, in the order in which they were added. So the scope is entered in one added just
 * before the waiter's, and left in one added as soon as the waiter has added its own: when the code
 * that was running has come to its `await`, which is before anything else can run.
 */

import { guard } from "../util/guard.js";
import { currentScope, enter, survivesAwait, whenSegmentEnds } from "./context.js";

// Taken now: a program may replace it, and ours must not call the program's.
const then = Promise.prototype.then;

let isOurs = false;

/** Second reactions that are to be added as soon as the waiters have added theirs. */
let toClose: (() => void)[] = [];

/** Adds a reaction of ours to a promise. */
export function listen(
  promise: Promise<unknown>,
  onValue: (value: unknown) => void,
  onError: (error: unknown) => void,
): void {
  isOurs = true;
  try {
    void Reflect.apply(then, promise, [onValue, onError]);
  } finally {
    isOurs = false;
  }
}

/** Whether it is one of ours that is being added just now, and not the program's. */
export function isListening(): boolean {
  return isOurs;
}

/** To be called when somebody is about to add a reaction to `promise`, just before it is added. */
export function carryOver(promise: Promise<unknown>): void {
  if (survivesAwait()) return;
  const scope = currentScope();
  if (scope === undefined) return;
  let isSurrounded = false;
  let leave: (() => void) | undefined;
  const before = (): void => {
    if (isSurrounded) leave = enter(scope);
  };
  const after = (): void => {
    closeAll();
    leave?.();
  };
  listen(promise, before, before);
  toClose.push(() => {
    listen(promise, after, after);
    isSurrounded = true;
  });
}

/** A stretch of code that ran in a scope is over: whoever waits for something has said so. */
function closeAll(): void {
  if (toClose.length === 0) return;
  const now = toClose;
  toClose = [];
  for (const close of now) guard(close);
}

whenSegmentEnds(closeAll);
