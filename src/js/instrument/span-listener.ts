/** Tells the hooks of the program (`onSpanStart`, `onSpanEnd`) of the spans that start and end. */

import type { Scope } from "../agents/observe/observer.js";

/** Gets the scope of a span that has started, or is about to end. Must not throw. */
export type SpanListener = (scope: Scope, isEnding: boolean) => void;

let listener: SpanListener | undefined;

/** Sets the listener. */
export function setSpanListener(newListener: SpanListener | undefined): void {
  listener = newListener;
}

/** The listener; `undefined` while there are no hooks. */
export function spanListener(): SpanListener | undefined {
  return listener;
}
