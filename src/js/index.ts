/**
 * `mlflow-ag2`: records AG2 agents as MLflow traces. The public names, and nothing else.
 *
 * @module mlflow-ag2
 */

import { autolog } from "./config/autolog.js";
import { checkOptions } from "./util/options.js";
import { flushWithin, type FlushResult } from "./export/exporter.js";

export { autolog } from "./config/autolog.js";
export type { AutologOptions } from "./config/start-autolog.js";
export { disable, enable, shutdown } from "./config/enable.js";
export { isEnabled } from "./util/enablement.js";
export { countHookFailure } from "./util/guard.js";
export { getTrackingUri, init, setExperiment, setTrackingUri } from "./config/config.js";
export type { Experiment, ExperimentOptions, InitOptions } from "./config/config.js";
export { announceLibrary } from "./instrument/third-party/libraries.js";
export { describeHooks } from "./instrument/third-party/describe-hooks.js";
export type { HookDescription, LibraryHooks, UnhookedDescription } from "./instrument/third-party/describe-hooks.js";
export { unwrapAgent, wrapAgent, wrapModelClient, wrapTool } from "./instrument/third-party/wrap.js";
export type { WrapAgentOptions, WrapModelClientOptions, WrapToolOptions } from "./instrument/third-party/wrap.js";
export { provideActiveSpan, withActiveSpan } from "./spans/active-span.js";
export { closeTrace } from "./spans/close-trace.js";
export { getCurrentActiveSpan, updateCurrentTrace } from "./spans/current.js";
export type { TraceUpdate, TraceUpdate as UpdateCurrentTraceOptions } from "./spans/current.js";
export type {
  ChatMessagesOptions,
  EndOptions,
  LiveSpan,
  LiveSpanEvent,
  SpanChatMessage,
  SpanParent,
} from "./spans/live-span.js";
export { SpanAttributeKey, TokenUsageKey, TraceMetadataKey } from "./spans/keys.js";
export { SpanLogLevel, type SpanLogLevelName } from "./spans/log-level.js";
export { SpanStatusCode, type SpanStatusObject, SpanType } from "./spans/names.js";
export {
  getTracingContextHeadersForHttpRequest,
  withTracingContextFromHeaders,
  withTracingContextFromHeaders as withTracingContextFromHeadersAsync,
  type IncomingHeaders,
} from "./spans/propagation.js";
export { onSpanEnd, onSpanEnd as registerOnSpanEndHook, onSpanStart } from "./spans/on-span.js";
export { onSpanStart as registerOnSpanStartHook, type SpanHook } from "./spans/on-span.js";
export { startSpan, type SpanOptions } from "./spans/start-span.js";
export { trace, type TraceDecorator, type TraceOptions, type TraceableFunction } from "./spans/trace.js";
export { withSpan, type WithSpanOptions } from "./spans/with-span.js";
export { withTraceContext, withTraceContext as tracingContext } from "./spans/with-trace-context.js";
export type { TraceContextFields, TraceContextFields as TracingContextOptions } from "./spans/with-trace-context.js";
export type { TraceFields } from "./instrument/trace-fields.js";
export { getLastActiveTraceId, getTrace } from "./reading/get-trace.js";
export { searchTraces, type SearchTracesOptions, type TracePage } from "./reading/search.js";
export { onTrace, type TraceListener } from "./reading/on-trace.js";
export { deleteFeedback, logExpectation, logFeedback, updateFeedback } from "./feedback/feedback.js";
export type { ExpectationOptions, FeedbackOptions, UpdateFeedbackOptions } from "./feedback/feedback.js";
export { deleteTraceTag, linkPromptVersionsToTrace, setTraceTag } from "./feedback/tags.js";
export type { ChangeOptions, PromptVersion } from "./feedback/tags.js";
export { type Assessment, type AssessmentError, AssessmentSourceType } from "./reading/assessment.js";
export type { AssessmentSource } from "./reading/assessment.js";
export { Span, Trace, TraceInfo, TraceState } from "./reading/trace.js";
export type { HrTime, SpanEvent, SpanLink, SpanStatus, TokenUsage } from "./reading/trace.js";
export type { RedactableSpan } from "./redaction/redactable-span.js";
export type { Redact } from "./redaction/redaction.js";
export type { MaskKeys } from "./capture/mask-keys.js";
export { stats, type Stats } from "./config/stats.js";
export { status } from "./config/status.js";
export { MlflowAg2Error, type ErrorCode } from "./util/errors.js";
export type { LastError, Notice } from "./bridge/core-stats.js";
export type { WasmModule, WasmSource } from "./bridge/webassembly.js";
export type { Credentials, Fetch, HeaderLines, HeaderSource } from "./export/request-types.js";
export type { PersistOptions } from "./config/options/persist.js";
export type { FlushResult } from "./export/exporter.js";

/**
 * `mlflow.ag2.autolog()`, as in Python.
 *
 * @example
 * import * as mlflow from "mlflow-ag2";
 * mlflow.ag2.autolog();
 */
export const ag2: {
  /** The function `autolog`, under the name that it has in Python. */
  readonly autolog: typeof autolog;
} = { autolog };

/**
 * Sends all finished spans, at once and again as long as there is time, and resolves when all have been delivered,
 * or when the time is up. Never rejects.
 *
 * @throws MlflowAg2Error `invalid_argument` for an unknown option, or a value that it cannot have.
 * @param options `timeoutMs`: how long to wait, in milliseconds; default 10,000. `waitForOpenTraces`: whether to wait
 *   for the traces too that are in progress now, as a `waitUntil` needs it whose response is still streamed; default
 *   false. A function that is itself traced would wait for its own end.
 * @example
 * const { pending } = await flush({ timeoutMs: 2000 });
 * @example
 * // In the `fetch(request, env, context)` of a Worker: `context.waitUntil(delivery)`.
 * const delivery = flush({ timeoutMs: 25_000, waitForOpenTraces: true });
 */
export function flush(options: { timeoutMs?: number; waitForOpenTraces?: boolean } = {}): Promise<FlushResult> {
  checkOptions("flush", options, { timeoutMs: "milliseconds", waitForOpenTraces: "flag" });
  const { timeoutMs = 10_000, waitForOpenTraces = false } = options;
  return flushWithin(timeoutMs, waitForOpenTraces);
}

/**
 * `flush`, under the name that it has in MLflow's TypeScript SDK.
 *
 * @example
 * await flushTraces();
 */
export const flushTraces: typeof flush = flush;
