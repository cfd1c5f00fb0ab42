/** The counters of the tracer. */

import { loadError, recordedSpans, requestedBridge } from "../bridge/loader.js";
import { hookFailures } from "../util/guard.js";
import { truncatedValues } from "../capture/capture.js";
import { sampledOutTraces } from "../instrument/sampling.js";
import { detachedTraces } from "../instrument/scopes.js";
import { redactFailures } from "../redaction/redaction.js";
import { failedChanges, waitingChanges } from "../export/waiting-changes.js";
import { spansNotPersisted } from "../export/persistence/index.js";
import { shownText } from "../util/shown-text.js";
import type { CoreStats } from "../bridge/core-stats.js";

/** `started = delivered + inMemory + buffered + open + the sum of dropped`, always. */
export interface Stats extends CoreStats {
  /**
   * Traces that may have been meant as part of another: started in an operation that had ended, below
   * a `parent` that was not recorded, or, in a page, after an `await`, where the context is lost, while
   * another span was open. Their roots carry the attribute `mlflow_ag2.detached`. If they do belong to
   * an operation, pass its `context` or span.
   */
  readonly detached: number;
  /** Traces that sampling left out (`samplingRatio`); none of their spans is counted in `started`. */
  readonly sampledOut: number;
  /** Spans that were exported without inputs, outputs and attributes, or dropped, because `redact` failed. */
  readonly redactFailures: number;
  /** How often a hook of the tracer failed; the traced program was not affected. */
  readonly hookFailures: number;
  /**
   * Spans, and changes of stored traces, that `init({ persist })` could not store for the next start, or removed
   * unsent: over the limits, or refused by the host. Those of this program may have been delivered all the same.
   */
  readonly notPersisted: number;
  /** Changes of stored traces, such as feedback, that wait for the server. */
  readonly changesWaiting: number;
  /**
   * Changes of stored traces that the server refused, or did not take in time; each promise says why. What `persist`
   * still sends counts as waiting.
   */
  readonly changesFailed: number;
  /** Why there is no core, if the host refused it. */
  readonly unavailable: string | undefined;
}

const NO_STATS: CoreStats = {
  started: 0,
  open: 0,
  buffered: 0,
  delivered: 0,
  inMemory: 0,
  dropped: {
    bufferFull: 0,
    openFull: 0,
    refused: 0,
    tooLarge: 0,
    retriesExhausted: 0,
    unreadable: 0,
    redacted: 0,
    shutdown: 0,
  },
  droppedInfos: { bufferFull: 0, refused: 0, retriesExhausted: 0 },
  requests: 0,
  retries: 0,
  timedOut: 0,
  restored: 0,
  traces: 0,
  orphans: 0,
  truncated: 0,
  eventErrors: 0,
  lastError: undefined,
};

/**
 * Counts of spans and requests since the program started. Loads nothing that `autolog` or
 * `init` has not asked for.
 *
 * @example
 * const { delivered, buffered, dropped, unavailable } = stats();
 * if (unavailable !== undefined) console.log(`nothing is traced: ${unavailable}`);
 */
export function stats(): Stats {
  const counts = requestedBridge()?.core.stats() ?? NO_STATS;
  const { lastError } = counts;
  const { waiting, lost } = recordedSpans();
  return {
    ...counts,
    started: counts.started + waiting + lost,
    open: counts.open + waiting,
    dropped: { ...counts.dropped, unavailable: lost },
    lastError: lastError && { ...lastError, message: shownText(lastError.message) },
    detached: detachedTraces(),
    sampledOut: sampledOutTraces(),
    truncated: counts.truncated + truncatedValues(),
    redactFailures: redactFailures(),
    hookFailures: hookFailures(),
    notPersisted: spansNotPersisted(),
    changesWaiting: waitingChanges(),
    changesFailed: failedChanges(),
    unavailable: loadError()?.message,
  };
}
