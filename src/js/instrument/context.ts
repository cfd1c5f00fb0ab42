/**
 * What is going on where the program is right now: the ambient scope.
 *
 * Where the host keeps a context across `await` (AsyncLocalStorage in Node, Deno, Bun and Workers;
 * one day AsyncContext everywhere), so do we. A page has none: there the scope holds while its work
 * runs synchronously, up to the first `await`, and is unknown after that. It is never guessed. Only
 * where somebody waits for what a hooked library gives is it taken further (`carry.ts`).
 */

import type { Scope } from "../agents/observe/observer.js";
import { hostVariable, type HostVariable } from "../util/host.js";
import { notesOf, openNotes } from "./scope-notes.js";

let variable: HostVariable<Scope> | undefined;
let isAsked = false;

/** Of hosts without a context of their own: the scopes whose work is running synchronously just now. */
const stack: Scope[] = [];

/** The scope whose work is running here, as long as that work has not ended. */
export function currentScope(): Scope | undefined {
  const scope = ambientScope();
  // Whatever still runs after its operation has ended (a timer, a queue that was set up on the way)
  // runs for somebody else as often as not.
  return scope === undefined || notesOf(scope)?.isOver === true ? undefined : scope;
}

/** The scope that was set around the running code, whether it has ended or not. */
export function ambientScope(): Scope | undefined {
  return variable === undefined ? stack.at(-1) : variable.get();
}

/** Whether the ambient scope is still known after an `await`. */
export function survivesAwait(): boolean {
  return asyncVariable() !== undefined;
}

/** Runs `work` as part of `scope`; gives or throws what `work` does. */
export function runWithin<T>(scope: Scope, work: () => T): T {
  const inHost = asyncVariable();
  if (inHost !== undefined) return inHost.run(scope, work);
  stack.push(scope);
  try {
    return work();
  } finally {
    stack.pop();
    onSegmentEnd();
  }
}

let onSegmentEnd = (): void => {};

/** In hosts without a context of their own: what is to be done when code that ran in a scope has run. For `carry.ts`. */
export function whenSegmentEnds(listener: () => void): void {
  onSegmentEnd = listener;
}

/** The operation that `scope` stands for has ended: what runs on does not belong to it. */
export function scopeEnded(scope: Scope): void {
  openNotes(scope).isOver = true;
}

/** Asked for at first use: nothing of the host is touched while nothing is traced. */
function asyncVariable(): HostVariable<Scope> | undefined {
  if (!isAsked) {
    isAsked = true;
    variable = hostVariable();
  }
  return variable;
}

/**
 * In hosts without a context of their own: makes `scope` the ambient one until the function that is
 * given back is called. For `carry.ts`, which knows that nothing else can run in between.
 */
export function enter(scope: Scope): () => void {
  stack.push(scope);
  return () => {
    const at = stack.lastIndexOf(scope);
    if (at >= 0) stack.splice(at, 1);
  };
}
