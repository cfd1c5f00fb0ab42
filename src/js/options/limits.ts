/**
 * How much waits for delivery at most, how much travels together, and how long things wait: the
 * options of `init` that only pass through to the core (src/buffer/limits.rs).
 */

import type { Border } from "../border.js";
import { MlflowAg2Error } from "../errors.js";
import { useLiveDelay } from "../lifecycle/deliver.js";

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

/** In the order in which the core takes them, each with the least that makes sense. */
const LEAST: Readonly<Record<keyof LimitOptions, number>> = {
  maxBufferSpans: 1,
  maxBufferBytes: 1,
  maxBatchSpans: 1,
  maxBatchBytes: 1,
  batchDelayMs: 0,
  liveDelayMs: 0,
  traceTimeoutMs: 1,
};

const NAMES = Object.keys(LEAST) as (keyof LimitOptions)[];

/**
 * Sees to it that the limits make sense, and gives what hands them to the core; `undefined` if none is set.
 *
 * @throws MlflowAg2Error `invalid_argument` for anything but a number that is large enough.
 */
export function readLimits(options: LimitOptions): ((border: Border) => void) | undefined {
  const limits = NAMES.map((name) => numberOf(name, options[name]));
  if (limits.every(Number.isNaN)) return undefined;
  return ({ tracer }) => {
    tracer.setLimits(...(limits as Parameters<typeof tracer.setLimits>));
    if (options.liveDelayMs !== undefined) useLiveDelay(options.liveDelayMs);
  };
}

function numberOf(name: keyof LimitOptions, given: unknown): number {
  if (given === undefined) return Number.NaN;
  if (typeof given === "number" && given >= LEAST[name]) return given;
  const unit = name.endsWith("Ms") ? "milliseconds" : name.endsWith("Bytes") ? "bytes" : "spans";
  throw new MlflowAg2Error("invalid_argument", `\`${name}\` must be a number of ${unit}, at least ${LEAST[name]}, not \`${String(given)}\``);
}
