/**
 * The recorders of the realm: observers that convert reports of agents into spans, one for each copy of this package
 * that is attached. A hot reload attaches another one, micro frontends bring one each; one of them records each
 * operation, so that one chat is one trace:
 *
 * 1. the one that records an enclosing operation, so that a chat in progress stays in one trace;
 * 2. else the newest, whose configuration is the current one.
 */

import type { AgentObserver, Scope } from "../agents/observe/observer.js";

/** The key of the shared set of observers on `globalThis`, which agents/observe/observer.ts documents. */
export const OBSERVERS_KEY: unique symbol = Symbol.for("mlflow-ag2.agent-observers") as never;

/** The key of a recorder's method that tells whether it records the operation of a scope, or of an ancestor. */
export const RECORDER: unique symbol = Symbol.for("mlflow-ag2.recorder") as never;

/** An observer that records. */
export interface Recorder extends AgentObserver {
  [RECORDER](scope: Scope): boolean;
}

/** The set that agents report to, made if there is none yet. */
export function sharedObservers(): Set<AgentObserver> {
  return ((globalThis as { [OBSERVERS_KEY]?: Set<AgentObserver> })[OBSERVERS_KEY] ??= new Set());
}

/** Whether one of `observers` records. */
export function hasRecorder(observers: readonly AgentObserver[]): boolean {
  return observers.some((observer) => RECORDER in observer);
}

/** Whether `recorder` records an operation that starts in `enclosing`. */
export function records(recorder: Recorder, enclosing: Scope | undefined): boolean {
  const observers = sharedObservers();
  // That of manual hooks is not in the set, and is used where no other is attached.
  if (observers.size <= 1 || !observers.has(recorder)) return true;
  let chosen = recorder;
  for (const observer of observers) {
    if (!(RECORDER in observer)) continue;
    chosen = observer as Recorder;
    if (enclosing !== undefined && chosen[RECORDER](enclosing)) break;
  }
  return chosen === recorder;
}
