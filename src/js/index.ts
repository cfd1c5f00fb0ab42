/** The public names of `mlflow-ag2`, and nothing else. */

import { autolog } from "./autolog.js";
import { flushWithin, type FlushResult } from "./lifecycle/deliver.js";

export { autolog, disable, enable, type AutologOptions } from "./autolog.js";
export { isEnabled } from "./switch.js";
export { getTrackingUri, init, setExperiment, setTrackingUri } from "./config.js";
export type { Experiment, ExperimentOptions, InitOptions } from "./config.js";
export { getLastActiveTraceId, getTrace } from "./trace/read.js";
export { Span, Trace, TraceInfo } from "./trace/trace.js";
export type { SpanEvent, SpanStatus, TokenUsage, TraceState } from "./trace/trace.js";
export { stats, type Stats } from "./stats.js";
export { MlflowAg2Error, type ErrorCode } from "./errors.js";
export type { Fetch } from "./lifecycle/transport.js";
export type { FlushResult } from "./lifecycle/deliver.js";

/** `mlflow.ag2.autolog()`, as in Python. */
export const ag2: { readonly autolog: typeof autolog } = { autolog };

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
