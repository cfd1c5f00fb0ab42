/**
 * The limits of buffering and batching: options of `init` that are only passed on to the core
 * (src/export/limits.rs).
 */

import type { Bridge } from "../../bridge/bridge.js";

/** The limits of buffering and batching. A limit that is left out stays as it is. */
export interface LimitOptions {
  /** The most spans that are buffered; beyond that whole traces are dropped, the oldest first. Default: 20 000. */
  maxBufferSpans?: number;
  /**
   * The most bytes of memory that are buffered; the history of a conversation counts once, however many spans
   * refer to it. Default: 33 554 432 (32 MiB).
   */
  maxBufferBytes?: number;
  /**
   * The most bytes of memory of traces in progress, as for `maxBufferBytes`; beyond that the values of their oldest
   * spans are cut, with a mark that has their length (`stats().truncated`). Default: 67 108 864 (64 MiB).
   */
  maxOpenBytes?: number;
  /** The most spans of one request, unless one trace has more. Default: 512. */
  maxBatchSpans?: number;
  /**
   * The most bytes of one request, before compression: longer traces take several, and the largest values of a span
   * that alone has more are cut (`mlflow_ag2.cut_bytes`). Default: 1 000 000.
   */
  maxBatchBytes?: number;
  /** How long a finished trace waits for others to share its request, in milliseconds. Default: 1 000. */
  batchDelayMs?: number;
  /**
   * How long a finished span of a trace in progress waits before it is exported early, in milliseconds. Default:
   * 5 000.
   */
  liveDelayMs?: number;
  /**
   * After how long an open trace is ended, in milliseconds since it started: its root then carries
   * `mlflow_ag2.timed_out`, its open spans end with it, and spans that start later below them are still
   * part of it. `Infinity`: never. Default: 3 600 000 (an hour), as MLflow's
   * `MLFLOW_TRACE_BUFFER_TTL_SECONDS`.
   */
  traceTimeoutMs?: number;
}

/** A function that passes the limits to the core; `undefined` if none is given. They have been validated. */
export function readLimits({
  maxBufferSpans,
  maxBufferBytes,
  maxOpenBytes,
  maxBatchSpans,
  maxBatchBytes,
  batchDelayMs,
  liveDelayMs,
  traceTimeoutMs,
}: LimitOptions): ((bridge: Bridge) => void) | undefined {
  const limits = [
    maxBufferSpans,
    maxBufferBytes,
    maxOpenBytes,
    maxBatchSpans,
    maxBatchBytes,
    batchDelayMs,
    liveDelayMs,
    traceTimeoutMs,
  ];
  if (limits.every((limit) => limit === undefined)) return undefined;
  return ({ tracer }) => {
    // A limit that is not given becomes NaN.
    tracer.setLimits(...(limits as Parameters<typeof tracer.setLimits>));
  };
}
