/** `withSpan`: traces a callback as a span. */

import { givesFreshPromises } from "../instrument/call-result.js";
import { withScope } from "../instrument/context.js";
import type { AnyFunction } from "../instrument/patch.js";
import { onSettled } from "./on-settled.js";
import { traceGenerator, isGenerator } from "./generators.js";
import { type LiveSpan, noopSpan } from "./live-span.js";
import { invalid } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { SPAN_OPTIONS, type SpanOptions, startRecording } from "./start-span.js";
import type { WorkSpan } from "./work-span.js";

/** The options of `withSpan`: those of `startSpan`, all of them optional. */
export interface WithSpanOptions extends Partial<SpanOptions> {
  /** `false`: the result does not become the span's outputs. Default `true`. */
  captureOutputs?: boolean;
}

const WITH_SPAN_OPTIONS: OptionRules<WithSpanOptions> = { ...SPAN_OPTIONS, captureOutputs: "flag" };

/**
 * Runs `callback` as one span, which ends with the result of the callback, be that a value, a promise or a
 * generator. The result becomes the span's outputs (unless the callback sets others), an error its
 * exception; either is passed to the caller unchanged: a promise stays the very promise, with its methods. Of a
 * thenable that is no promise, such as a query, the result is known only if the program waits for it within the
 * same task; otherwise the span ends at once.
 *
 * Inside the callback the span is the active one: agents' chats and further spans become part of it. In a
 * page that ends with the first `await`; pass the span as `context` or `parent` there.
 *
 * @throws MlflowAg2Error `invalid_argument` if `callback` is not a function, and as `startSpan`; else what it throws.
 * @example
 * const trip = await withSpan(async (span) => {
 *   span.setAttribute("city", "Lisbon");
 *   const result = await user.initiateChat(guide, { message: "Two days in Lisbon." });
 *   return result.summary;
 * }, { name: "plan a trip" });
 */
export function withSpan<Result>(callback: (span: LiveSpan) => Result, options: WithSpanOptions = {}): Result {
  if (typeof callback !== "function")
    throw invalid('withSpan takes the function first, then the options: write `withSpan(fn, { name: "work" })`');
  checkOptions("withSpan", options, WITH_SPAN_OPTIONS);
  const span = startRecording({ name: "", ...options });
  if (options.captureOutputs === false) span?.omitOutputs();
  return span === undefined ? callback(noopSpan) : runAs(span, callback as AnyFunction, () => callback(span));
}

/** Runs `work`, a call of `fn`, in the scope of `span`, which ends with it. Gives the very result of `work`. */
export function runAs<Result>(span: WorkSpan, fn: AnyFunction, work: () => Result): Result {
  let result: Result;
  try {
    result = withScope(span.scope, work);
  } catch (error) {
    span.fail(error);
    throw error;
  }
  if (isGenerator(result) && traceGenerator(span, result)) return result;
  onSettled(
    result,
    givesFreshPromises(fn),
    (value) => span.succeed(value),
    (error) => span.fail(error),
  );
  return result;
}
