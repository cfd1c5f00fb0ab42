/** Ends a trace whose operations were abandoned. */

import { reportedBridge } from "../bridge/loader.js";
import { traceEnded } from "../export/exporter.js";
import { traceClosed } from "../export/trace-changes.js";
import { forgetSpans } from "../instrument/scopes.js";
import { monotonicMs } from "../util/clock.js";
import { guard } from "../util/guard.js";

/**
 * Ends all open spans of a trace, so that it is exported: for what was abandoned, such as a run that threw without an
 * end of its spans, or a stream without a reader. The spans end now, with the status that they have and the
 * attribute `mlflow_ag2.abandoned`; what is reported of them later has no effect, and spans that are started below them
 * still become part of the trace.
 *
 * @param traceId the `traceId` of a span.
 * @returns how many spans were open; 0 if no such trace is in progress. Never throws.
 * @example
 * const span = startSpan({ name: "job" });
 * const abandoned: number = closeTrace(span.traceId);
 */
export function closeTrace(traceId: string): number {
  let count = 0;
  guard(() => {
    const bridge = reportedBridge();
    if (bridge === undefined) return;
    const keys = [...bridge.core.closeTrace(String(traceId), monotonicMs())];
    count = keys.length;
    if (count === 0) return;
    forgetSpans(keys);
    traceClosed(traceId);
    traceEnded();
  });
  return count;
}
