/**
 * How much waits for delivery at most, how much travels together, and how long things wait: the
 * options of `init` that only pass through to the core (src/export/limits.rs).
 */

import type { Bridge } from "../../bridge/bridge.js";

/** The limits of delivery. What is left out stays as it is. */
export interface LimitOptions {
  /** Spans that wait for delivery at most; beyond that whole traces are dropped, the oldest first. Default: 20 000. */
  maxBufferSpans?: number;
  /** Bytes of memory that wait for delivery at most; the history of a conversation counts once, however many spans took it in. Default: 33 554 432 (32 MiB). */
  maxBufferBytes?: number;
  /** Spans of one request at most, unless one trace has more. Default: 512. */
  maxBatchSpans?: number;
  /** Bytes of one request at most, before compression, unless one span has more: longer traces take several. Default: 1 000 000. */
  maxBatchBytes?: number;
  /** How long a finished trace waits for others to travel with, in milliseconds. Default: 1 000. */
  batchDelayMs?: number;
  /** How long a finished span of a trace in progress waits before it is sent ahead, in milliseconds. Default: 5 000. */
  liveDelayMs?: number;
  /**
   * After how long a trace that nobody ends is ended, in milliseconds since it began: its root then
   * carries `mlflow_ag2.timed_out`, what still runs ends with it, and what begins later inside of that is
   * still part of it. `Infinity`: never. Default: 3 600 000 (an hour), as MLflow's
   * `MLFLOW_TRACE_BUFFER_TTL_SECONDS`.
   */
  traceTimeoutMs?: number;
}

/** What hands the limits to the core; `undefined` if none is given. They have been checked. */
export function readLimits({
  maxBufferSpans,
  maxBufferBytes,
  maxBatchSpans,
  maxBatchBytes,
  batchDelayMs,
  liveDelayMs,
  traceTimeoutMs,
}: LimitOptions): ((bridge: Bridge) => void) | undefined {
  const limits = [
    maxBufferSpans,
    maxBufferBytes,
    maxBatchSpans,
    maxBatchBytes,
    batchDelayMs,
    liveDelayMs,
    traceTimeoutMs,
  ];
  if (limits.every((limit) => limit === undefined)) return undefined;
  return ({ tracer }) => {
    // What is not given crosses as NaN.
    tracer.setLimits(...(limits as Parameters<typeof tracer.setLimits>));
  };
}
