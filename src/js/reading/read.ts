/** Reading traces back: from memory while they are there, then from the server. */

import { loadedCore } from "../bridge/core.js";
import { prepareDelivery } from "../export/deliver.js";
import { ask } from "./ask.js";
import { traceFromMemory, type HeldTrace } from "./from-memory.js";
import { traceFromServer } from "./from-server.js";
import type { Trace } from "./trace.js";

/**
 * The id of the trace that ended last, "tr-" and 32 hexadecimal digits; `undefined` if none has ended yet.
 *
 * @example
 * const trace = await getTrace(getLastActiveTraceId());
 */
export function getLastActiveTraceId(): string | undefined {
  const border = loadedCore();
  return border?.said(border.tracer.lastTraceId());
}

/**
 * A trace by its id: from this program's memory while it is there, else from the tracking server.
 *
 * @returns the trace; `null` if neither knows it.
 * @throws MlflowAg2Error `trace_unavailable` (rejects) if the server cannot be asked.
 * @example
 * const trace = await getTrace(getLastActiveTraceId());
 * for (const span of trace?.data.spans ?? []) console.log(span.name, span.spanType, span.status.code);
 */
export async function getTrace(traceId: string | undefined): Promise<Trace | null> {
  const border = loadedCore();
  if (border === undefined || traceId === undefined) return null;
  prepareDelivery(border);
  const held = border.json<HeldTrace>(border.tracer.trace(border.text(traceId)));
  if (held !== undefined && !held.isPart) return traceFromMemory(held);
  const url = border.said(border.tracer.traceUrl(border.text(traceId)));
  if (url === undefined) return held === undefined ? null : traceFromMemory(held);
  // Of a trace that another program began there is more on the server, once it has arrived there.
  return (await ask(url, { method: "GET" }, traceFromServer)) ?? (held === undefined ? null : traceFromMemory(held));
}
