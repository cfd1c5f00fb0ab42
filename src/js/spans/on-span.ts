/** `onSpanStart` and `onSpanEnd`: hooks that are called with every span that this program records. */

import { setSpanListener } from "../instrument/span-listener.js";
import { invalidValue } from "../util/errors.js";
import { countFailure, guard } from "../util/guard.js";
import { getCurrentActiveSpan } from "./current.js";
import type { LiveSpan } from "./live-span.js";

/** A hook, which gets a span that is open. */
export type SpanHook = (span: LiveSpan) => void;

// Wrapped, so that a hook that is registered twice is removed once by each undo.
const hooks = { start: new Set<{ readonly hook: SpanHook }>(), end: new Set<{ readonly hook: SpanHook }>() };
let isRunning = false;

/**
 * Calls `hook` with every span that starts from now on: manual spans, traced functions, operations of agents, spans of
 * adapters. It can set attributes and the like. What it throws is counted, and spans that it starts itself are
 * recorded without being passed to hooks.
 *
 * @returns the undo: the hook is not called again.
 * @throws MlflowAg2Error `invalid_argument` if `hook` is not a function.
 * @example
 * const stop = onSpanStart((span) => span.setAttribute("release", "1.4"));
 * stop();
 */
export function onSpanStart(hook: SpanHook): () => void {
  return add("start", hook);
}

/**
 * Calls `hook` with every span that is about to end, and is open still: it can read the span, and set attributes and
 * the like. The outputs and the error of a manual span are set by then; those of an operation of agents follow with its
 * end (to change them, use `redact`). As `onSpanStart` otherwise. Not called for spans that are ended by `closeTrace`,
 * with their trace, or with the program.
 *
 * @returns the undo: the hook is not called again.
 * @throws MlflowAg2Error `invalid_argument` if `hook` is not a function.
 * @example
 * const stop = onSpanEnd((span) => {
 *   if (span.status.code === "ERROR") span.setAttribute("alert", true);
 * });
 * stop();
 */
export function onSpanEnd(hook: SpanHook): () => void {
  return add("end", hook);
}

function add(when: keyof typeof hooks, hook: SpanHook): () => void {
  if (typeof hook !== "function") throw invalidValue("a function that is called with each span", "hook", hook);
  const entry = { hook };
  hooks[when].add(entry);
  setSpanListener((scope, isEnding) => {
    if (isRunning) return;
    isRunning = true;
    guard(() => {
      const span = getCurrentActiveSpan({ scope });
      if (span === null) return;
      // A copy, because a hook may add or remove others.
      const called = [...hooks[isEnding ? "end" : "start"]];
      for (const { hook: call } of called)
        guard(() => {
          const result: unknown = call(span);
          if (result instanceof Promise) result.catch(countFailure);
        });
    });
    isRunning = false;
  });
  return () => {
    hooks[when].delete(entry);
    if (hooks.start.size + hooks.end.size === 0) setSpanListener(undefined);
  };
}
