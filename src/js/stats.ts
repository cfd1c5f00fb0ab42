/** What the tracer has done so far, in numbers. */

import { loadedCore, whyNoCore } from "./core.js";
import { hookFailures } from "./guard.js";
import { detachedTraces } from "./instrument/scopes.js";
import type { CoreStats } from "./border.js";

/** `started = delivered + buffered + open + the sum of dropped`, always. */
export interface Stats extends CoreStats {
  /**
   * Traces that may have been meant as part of another: begun in an operation that had ended, below
   * a `parent` that was not recorded, or, in a page, where after an `await` nobody can know, while
   * anything else was going on. Their roots carry the attribute `mlflow_ag2.detached`. If they do
   * belong to something, hand on the `context` or span.
   */
  readonly detached: number;
  /** How often a hook of ours failed; the watched program noticed nothing. */
  readonly hookFailures: number;
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
  traces: 0,
  orphans: 0,
  factErrors: 0,
  lastError: undefined,
};

/** Counts of spans and requests since the program started. Loads nothing. */
export function stats(): Stats {
  return { ...(loadedCore()?.stats() ?? NOTHING_YET), detached: detachedTraces(), hookFailures: hookFailures(), unavailable: whyNoCore()?.message };
}
