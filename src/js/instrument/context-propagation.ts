/**
 * Propagates the ambient scope across an `await`, in hosts without an asynchronous context: the code after
 * the `await` of a watched promise runs in the scope in which the `await` was reached.
 *
 * A promise calls its reactions one directly after the other, in the order in which they were added. So
 * two reactions of ours around the program's reaction are enough:
 *
 * 1. `propagateScope` runs when the program is about to add its reaction, and adds one that enters the scope.
 * 2. The program adds its own reaction: the code after the `await`.
 * 3. The code that was running returns, since it has reached its `await`, and the end of that segment adds
 *    a reaction that leaves the scope. Nothing else can run between 2 and 3.
 */

import { guard } from "../util/guard.js";
import { pushScope, scopeToCarry, hasAsyncContext, setSegmentEndListener } from "./context.js";

// The engine's own, of an async function, since a program may have replaced `Promise`. Stored at import: a program may
// replace it later, and our reactions must not call the program's.
const then = /* @__PURE__ */ (() => (async () => {})().then)();

let isOwnReaction = false;

/** Adds the reactions of step 3 for the awaits of the segment that is running. */
let pendingLeaves: (() => void)[] = [];

/** Adds a reaction of ours to a promise. */
export function addReaction(
  promise: Promise<unknown>,
  onValue: (value: unknown) => void,
  onError: (error: unknown) => void,
): void {
  isOwnReaction = true;
  try {
    void Reflect.apply(then, promise, [onValue, onError]);
  } finally {
    isOwnReaction = false;
  }
}

/** Whether the reaction that is being added is one of ours, not the program's. */
export function isAddingReaction(): boolean {
  return isOwnReaction;
}

/** Propagates the current scope to the reaction that the program is about to add to `promise`. */
export function propagateScope(promise: Promise<unknown>): void {
  if (hasAsyncContext()) return;
  const scope = scopeToCarry();
  if (scope === undefined) return;
  let willLeave = false;
  let leave: (() => void) | undefined;
  const enterScope = (): void => {
    // A scope that nothing would leave must not be entered.
    if (willLeave) leave = pushScope(scope);
  };
  const leaveScope = (): void => {
    // The program's reaction was a segment of its own, which may have reached further awaits.
    endSegment();
    leave?.();
  };
  addReaction(promise, enterScope, enterScope);
  pendingLeaves.push(() => {
    addReaction(promise, leaveScope, leaveScope);
    willLeave = true;
  });
}

/** Ends a segment of code that ran in a scope: the program has added the reactions of its awaits. */
function endSegment(): void {
  if (pendingLeaves.length === 0) return;
  const pending = pendingLeaves;
  pendingLeaves = [];
  for (const addLeave of pending) guard(addLeave);
}

setSegmentEndListener(endSegment);
