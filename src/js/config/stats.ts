/** What the tracer has done so far, in numbers. */

import { loadedBridge, loadError } from "../bridge/loader.js";
import { hookFailures } from "../util/guard.js";
import { truncatedValues } from "../capture/capture.js";
import { sampledOutTraces } from "../instrument/sampling.js";
import { detachedTraces } from "../instrument/scopes.js";
import { redactFailures } from "../redaction/redaction.js";
import { spansNotKept } from "../export/persistence/index.js";
import type { CoreStats } from "../bridge/core.js";

/** `started = delivered + buffered + open + the sum of dropped`, always. */
export interface Stats extends CoreStats {
  /**
   * Traces that may have been meant as part of another: begun in an operation that had ended, below
   * a `parent` that was not recorded, or, in a page, where after an `await` nobody can know, while
   * anything else was going on. Their roots carry the attribute `mlflow_ag2.detached`. If they do
   * belong to something, hand on the `context` or span.
   */
  readonly detached: number;
  /** Traces that were not recorded because only a part of them is (`samplingRatio`); none of their spans is in `started`. */
  readonly sampledOut: number;
  /** Values that were recorded in part, because they are larger than the limits set with `init`. */
  readonly truncated: number;
  /** Spans that left without what they say, because `redact` failed. */
  readonly redactFailures: number;
  /** How often a hook of ours failed; the watched program noticed nothing. */
  readonly hookFailures: number;
  /**
   * Spans that `init({ persist })` could not keep for the next start, or gave up unsent: over the
   * limits, or refused by the host. Those of this program may have been delivered all the same.
   */
  readonly notKept: number;
  /** Why there is no tracing core, if the host refused it. */
  readonly unavailable: string | undefined;
}

const NOTHING_YET: CoreStats = {
  started: 0,
  open: 0,
  buffered: 0,
  delivered: 0,
  dropped: {},
  requests: 0,
  retries: 0,
  timedOut: 0,
  restored: 0,
  traces: 0,
  orphans: 0,
  factErrors: 0,
  lastError: undefined,
};

/**
 * Counts of spans and requests since the program started. Loads nothing.
 *
 * @example
 * const { delivered, buffered, dropped, unavailable } = stats();
 * if (unavailable !== undefined) console.log(`nothing is traced: ${unavailable}`);
 */
export function stats(): Stats {
  return {
    ...(loadedBridge()?.core.stats() ?? NOTHING_YET),
    detached: detachedTraces(),
    sampledOut: sampledOutTraces(),
    truncated: truncatedValues(),
    redactFailures: redactFailures(),
    hookFailures: hookFailures(),
    notKept: spansNotKept(),
    unavailable: loadError()?.message,
  };
}
