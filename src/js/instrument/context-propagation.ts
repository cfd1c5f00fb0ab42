/**
 * Propagates the ambient scope across an `await`, in hosts without an asynchronous context: the code after
 * the `await` of a watched promise runs in the scope in which the `await` was reached.
 *
 * A promise calls its reactions one directly after the other, in the order in which they were added. So
 * two reactions of ours around the program's reaction are enough:
 *
 * 1. When the program is about to add its reaction, `propagateScope` adds one that enters the scope.
 * 2. The program adds its own reaction: the code after the `await`.
 * 3. The code that was running returns, since it has reached its `await`, and the end of that segment adds
 *    a reaction that leaves the scope. Nothing else can run between 2 and 3.
 *
 * A segment is code that runs without interruption: what `withScope` calls, up to its return, or a reaction of step 2.
 */

import { guard } from "../util/guard.js";
import { pushScope, scopeToCarry, hasAsyncContext, setSegmentEndListener } from "./context.js";

// The engine's own, of an async function, since a program may have replaced `Promise`. Stored at import: a program may
// replace it later, and our reactions must not call the program's.
const then = /* @__PURE__ */ (() => (async () => {})().then)();

let isOwnReaction = false;

/** Add the reactions of step 3, one for each `await` that the running segment has reached. */
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
  let hasLeaveReaction = false;
  let leave: (() => void) | undefined;
  const enterScope = (): void => {
    // A scope that nothing would leave must not be entered.
    if (hasLeaveReaction) leave = pushScope(scope);
  };
  const leaveScope = (): void => {
    // The program's reaction has run, a segment of its own, which may have reached further awaits.
    endSegment();
    leave?.();
  };
  // Step 1.
  addReaction(promise, enterScope, enterScope);
  // Step 3.
  pendingLeaves.push(() => {
    addReaction(promise, leaveScope, leaveScope);
    hasLeaveReaction = true;
  });
}

/** Ends a segment: the program has added its reactions to all that the segment waits for. */
function endSegment(): void {
  if (pendingLeaves.length === 0) return;
  const pending = pendingLeaves;
  pendingLeaves = [];
  for (const addLeave of pending) guard(addLeave);
}

setSegmentEndListener(endSegment);
