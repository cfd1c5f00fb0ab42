/** The log level of spans (mlflow/entities/span_log_level.py). */

import { invalidValue } from "../util/errors.js";

/**
 * The log levels of spans, by which MLflow filters what it shows. Default: INFO for agents, models, tools, retrievers
 * and embeddings, else DEBUG; an exception raises the level to ERROR.
 *
 * @example
 * startSpan({ name: "retry" }).setLogLevel(SpanLogLevel.WARNING);
 */
export const SpanLogLevel = {
  /** Of interest for debugging only. */
  DEBUG: 10,
  /** The usual work. */
  INFO: 20,
  /** Something unexpected, after which the work went on. */
  WARNING: 30,
  /** A failure. */
  ERROR: 40,
  /** A failure that needs attention at once. */
  CRITICAL: 50,
} as const;

/** A log level: one of MLflow's numbers. */
export type SpanLogLevel = (typeof SpanLogLevel)[keyof typeof SpanLogLevel];

/** The name of a log level, in upper or lower case. */
export type SpanLogLevelName = keyof typeof SpanLogLevel | Lowercase<keyof typeof SpanLogLevel>;

/** @throws MlflowAg2Error `invalid_argument` for what is neither a level nor the name of one. */
export function checkedLogLevel(level: SpanLogLevel | SpanLogLevelName): SpanLogLevel {
  const found = Object.entries(SpanLogLevel).find(
    ([name, number]) => level === number || String(level).trim().toUpperCase() === name,
  );
  if (found === undefined) throw invalidValue("one of `SpanLogLevel` or its name", "level", level);
  return found[1];
}
