/** Watching traces while they grow: for live views, which are told of each trace as it stands. */

import { loadedBridge } from "../bridge/loader.js";
import { mustBe } from "../util/errors.js";
import { watchChanges } from "../export/changes.js";
import { prepareExport } from "../export/exporter.js";
import { reason } from "../util/unknowns.js";
import { warnOnce } from "../util/warn.js";
import { traceFromMemory } from "./from-memory.js";
import type { Trace } from "./trace.js";

/** What is told of traces. */
export type TraceListener = (trace: Trace) => void;

// Wrapped: whoever listens twice stops each by its own undo.
const listeners = new Set<{ readonly listener: TraceListener }>();

/**
 * Calls `listener` with every trace that changes from now on, as it stands: while it runs
 * (`info.state` is "IN_PROGRESS", open spans have no `endTimeNs`), and once more when it is done. Each
 * call brings a new `Trace` with all spans so far. Changes of one moment are told together, at most
 * every 50 ms, from a timer or when something is about to be sent, never from within a step of an agent;
 * while nobody listens nothing is gathered. What a listener throws is warned about once and goes no further.
 *
 * @returns the undo: the listener is not called again.
 * @throws MlflowAg2Error `invalid_argument` if `listener` is not a function.
 * @example
 * const stop = onTrace((trace) => {
 *   console.log(trace.info.state, trace.data.spans.length);
 * });
 * stop();
 */
export function onTrace(listener: TraceListener): () => void {
  if (typeof listener !== "function") throw mustBe("a function that is called with each trace", "listener", listener);
  const entry = { listener };
  listeners.add(entry);
  watchChanges(announce);
  return () => {
    listeners.delete(entry);
    if (listeners.size === 0) watchChanges(undefined);
  };
}

function announce(traceId: string): boolean {
  const bridge = loadedBridge();
  if (bridge === undefined) return false;
  prepareExport(bridge);
  const held = traceFromMemory(bridge, traceId);
  if (held === undefined) return false;
  const { trace } = held;
  for (const { listener } of [...listeners]) {
    try {
      listener(trace);
    } catch (error) {
      warnOnce("listener_failed", `a listener of \`onTrace\` failed: ${reason(error)}`);
    }
  }
  return trace.info.state === "IN_PROGRESS";
}
