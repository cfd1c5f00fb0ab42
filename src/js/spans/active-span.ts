/** Runs code with a span as the active one, which others may have started: for adapters to tracers and frameworks. */

import { addScopeProvider, withScope } from "../instrument/context.js";
import { invalid } from "../util/errors.js";
import type { SpanParent } from "./live-span.js";

/**
 * Runs `callback` with `span` as the active span, and returns or throws what it does. The span does not end with it.
 * Spans, agents' chats and traced functions inside become part of the span: until the first `await` in a page, across
 * every `await` in hosts with an asynchronous context. A span that has ended, or records nothing, is not made active.
 *
 * @param span a span, or the `context` of an agents' callback.
 * @throws MlflowAg2Error `invalid_argument` if `span` is not a span or `callback` not a function; else what it throws.
 * @example
 * const span = startSpan({ name: "job" });
 * withActiveSpan(span, () => startSpan({ name: "step" }).end());
 * span.end();
 */
export function withActiveSpan<Result>(span: SpanParent, callback: () => Result): Result {
  if (typeof span !== "object" || span === null || typeof callback !== "function")
    throw invalid("withActiveSpan needs a span (or the `context` of a callback) and a function");
  const { scope } = span;
  return scope === undefined ? callback() : withScope(scope, callback);
}

/**
 * Lets another tracer say which span is active: `find` is called where a span starts without a `parent`. Of its answer
 * and the span that is active here the inner one becomes the parent; where neither is inside of the other, the one
 * here. An adapter to a framework with a context of its own (OpenTelemetry's, that of a run) calls this once.
 *
 * @param find returns the active span; `undefined` if there is none. What it throws is counted, and has no effect.
 * @returns a function that removes it.
 * @example
 * const spans = new WeakMap<object, LiveSpan>();
 * declare const framework: { currentStep(): object };
 * const stop = provideActiveSpan(() => spans.get(framework.currentStep()));
 */
export function provideActiveSpan(find: () => SpanParent | undefined): () => void {
  if (typeof find !== "function") throw invalid("provideActiveSpan needs a function that returns the active span");
  return addScopeProvider(() => find()?.scope);
}
