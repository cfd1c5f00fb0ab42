/** `withSpan`: a span around a piece of work. */

import { runWithin } from "../instrument/context.js";
import { afterwards } from "./afterwards.js";
import { generatorWithin, isGenerator } from "./generators.js";
import { type LiveSpan, noSpan } from "./live-span.js";
import { type SpanOptions, startRecording } from "./start-span.js";
import type { SpanOfWork } from "./unsampled-span.js";

/** What `withSpan` can be told; as for `startSpan`, and even the name may be left out. */
export interface WithSpanOptions extends Partial<SpanOptions> {
  /** `false`: what the callback gives does not become the span's outputs. Default `true`. */
  captureOutputs?: boolean;
}

/**
 * Runs `callback` as one span: it begins before and ends with what the callback gives, be that a
 * value, a promise or a generator. What the callback gives becomes the span's outputs (unless it
 * sets others) and what it throws its error; either goes to the caller unchanged.
 *
 * Inside, the span is the active one: agents' chats and further spans become part of it. In a page
 * that ends with the first `await`; hand on the span as `context` or `parent` there.
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
  if (options.captureOutputs === false) span?.leaveOutResult();
  return span === undefined ? callback(noSpan) : runAs(span, () => callback(span));
}

/** Runs `work` as what `span` stands for, which ends with it. */
export function runAs<Result>(span: SpanOfWork, work: () => Result): Result {
  let result: Result;
  try {
    result = runWithin(span.scope, work);
  } catch (error) {
    span.fail(error);
    throw error;
  }
  if (isGenerator(result)) return generatorWithin(span, result);
  return afterwards(
    result,
    (value) => span.succeed(value),
    (error) => span.fail(error),
  );
}
