/** Reads traces back: from memory while they are there, then from the server. */

import { arrivedBridge, reportedBridge } from "../bridge/loader.js";
import { prepareExport } from "../export/exporter.js";
import { invalidValue } from "../util/errors.js";
import { queryServer } from "./query-server.js";
import { traceFromMemory } from "./from-memory.js";
import { traceFromServer } from "./from-server.js";
import type { Trace } from "./trace.js";

/**
 * The id of the trace that ended last, "tr-" and 32 hexadecimal digits; `undefined` if none has ended yet.
 *
 * @example
 * const trace = await getTrace(getLastActiveTraceId());
 */
export function getLastActiveTraceId(): string | undefined {
  const bridge = reportedBridge();
  return bridge?.core.lastTraceId();
}

/**
 * A trace by its id: from this program's memory while it is there, else from the tracking server.
 *
 * @returns the trace; `null` if neither has it.
 * @throws MlflowAg2Error (rejects) `invalid_argument` for what is no text; `trace_unavailable` if the server cannot be
 *   queried.
 * @example
 * const trace = await getTrace(getLastActiveTraceId());
 * for (const span of trace?.data.spans ?? []) console.log(span.name, span.spanType, span.status.code);
 */
export async function getTrace(traceId: string | undefined): Promise<Trace | null> {
  if (traceId != null && typeof traceId !== "string")
    throw invalidValue("the `traceId` of a span or a trace", "traceId", traceId);
  const bridge = await arrivedBridge();
  if (bridge === undefined || traceId == null) return null;
  prepareExport(bridge);
  const held = traceFromMemory(bridge, traceId);
  if (held !== undefined && !held.hasRemoteRoot) return held.trace;
  const url = bridge.core.traceUrl(traceId);
  // The server may hold more of a trace that another program started.
  const stored = url === undefined ? null : await queryServer(bridge, url, traceFromServer);
  return stored ?? held?.trace ?? null;
}
