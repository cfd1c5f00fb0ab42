/** `withSpan`: traces a callback as a span. */

import { withScope } from "../instrument/context.js";
import { onSettled } from "./on-settled.js";
import { traceGenerator, isGenerator } from "./generators.js";
import { type LiveSpan, noopSpan } from "./live-span.js";
import { type SpanOptions, startRecording } from "./start-span.js";
import type { WorkSpan } from "./work-span.js";

/** The options of `withSpan`: those of `startSpan`, all of them optional. */
export interface WithSpanOptions extends Partial<SpanOptions> {
  /** `false`: the result does not become the span's outputs. Default `true`. */
  captureOutputs?: boolean;
}

/**
 * Runs `callback` as one span, which ends with the result of the callback, be that a value, a promise or a
 * generator. The result becomes the span's outputs (unless the callback sets others), an error its
 * exception; either is passed to the caller unchanged.
 *
 * Inside the callback the span is the active one: agents' chats and further spans become part of it. In a
 * page that ends with the first `await`; pass the span as `context` or `parent` there.
 *
 * @example
 * const trip = await withSpan(async (span) => {
 *   span.setAttribute("city", "Lisbon");
 *   const result = await user.initiateChat(guide, { message: "Two days in Lisbon." });
 *   return result.summary;
 * }, { name: "plan a trip" });
 */
export function withSpan<Result>(callback: (span: LiveSpan) => Result, options: WithSpanOptions = {}): Result {
  const span = startRecording({ name: "", ...options });
  if (options.captureOutputs === false) span?.omitOutputs();
  return span === undefined ? callback(noopSpan) : runAs(span, () => callback(span));
}

/** Runs `work` in the scope of `span`, which ends with it. */
export function runAs<Result>(span: WorkSpan, work: () => Result): Result {
  let result: Result;
  try {
    result = withScope(span.scope, work);
  } catch (error) {
    span.fail(error);
    throw error;
  }
  if (isGenerator(result)) return traceGenerator(span, result);
  return onSettled(
    result,
    (value) => span.succeed(value),
    (error) => span.fail(error),
  );
}
