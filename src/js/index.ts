/**
 * `mlflow-ag2`: records what AG2 agents do as MLflow traces. The public names, and nothing else.
 *
 * @module mlflow-ag2
 */

import { autolog } from "./autolog.js";
import { flushWithin, type FlushResult } from "./lifecycle/deliver.js";

export { autolog, type AutologOptions } from "./autolog.js";
export { disable, enable, shutdown } from "./kill-switch.js";
export { isEnabled } from "./switch.js";
export { getTrackingUri, init, setExperiment, setTrackingUri } from "./config.js";
export type { Experiment, ExperimentOptions, InitOptions } from "./config.js";
export { announceLibrary } from "./instrument/foreign/libraries.js";
export { unwrapAgent, wrapAgent, wrapModelClient, wrapTool } from "./instrument/foreign/wrapped.js";
export type { WrapAgentOptions, WrapModelClientOptions, WrapToolOptions } from "./instrument/foreign/wrapped.js";
export { getCurrentActiveSpan, updateCurrentTrace, type TraceUpdate } from "./spans/current.js";
export type { EndOptions, LiveSpan, LiveSpanEvent, SpanParent } from "./spans/live-span.js";
export { SpanStatusCode, SpanType } from "./spans/names.js";
export { getTracingContextHeadersForHttpRequest, withTracingContextFromHeaders, type IncomingHeaders } from "./spans/propagation.js";
export { startSpan, type SpanOptions } from "./spans/start-span.js";
export { trace, type TraceDecorator, type TraceOptions, type TraceableFunction } from "./spans/trace.js";
export { withSpan, type WithSpanOptions } from "./spans/with-span.js";
export { getLastActiveTraceId, getTrace } from "./trace/read.js";
export { searchTraces, type SearchTracesOptions, type TracePage } from "./trace/search.js";
export { onTrace, type TraceListener } from "./trace/watch.js";
export { Span, Trace, TraceInfo } from "./trace/trace.js";
export type { SpanEvent, SpanStatus, TokenUsage, TraceState } from "./trace/trace.js";
export type { RedactableSpan } from "./redactable-span.js";
export type { Redact } from "./redaction.js";
export type { MaskKeys } from "./mask.js";
export { stats, type Stats } from "./stats.js";
export { MlflowAg2Error, type ErrorCode } from "./errors.js";
export type { Notice } from "./border.js";
export type { WasmModule, WasmSource } from "./webassembly.js";
export type { Credentials, Fetch, HeaderLines, HeaderSource } from "./lifecycle/settings.js";
export type { PersistOptions } from "./options/persist.js";
export type { FlushResult } from "./lifecycle/deliver.js";

/**
 * `mlflow.ag2.autolog()`, as in Python.
 *
 * @example
 * import * as mlflow from "mlflow-ag2";
 * mlflow.ag2.autolog();
 */
export const ag2: {
  /** The very function `autolog`, where Python has it. */
  readonly autolog: typeof autolog;
} = { autolog };

/**
 * Sends every finished span that waits and resolves when all have arrived, or when the time is up.
 * Never rejects.
 *
 * @param options `timeoutMs`: how long to wait, in milliseconds; default 10,000.
 * @example
 * const { pending } = await flush({ timeoutMs: 2000 });
 */
export function flush({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<FlushResult> {
  return flushWithin(timeoutMs);
}
