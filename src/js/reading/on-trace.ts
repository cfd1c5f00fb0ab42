/** `onTrace`: notifies listeners, such as live views, of traces in progress. */

import { loadedBridge } from "../bridge/loader.js";
import { invalidValue } from "../util/errors.js";
import { setTraceChangeListener } from "../export/trace-changes.js";
import { prepareExport } from "../export/exporter.js";
import { errorMessage } from "../util/safe-access.js";
import { warnOnce } from "../util/warn.js";
import { traceFromMemory } from "./from-memory.js";
import type { Trace } from "./trace.js";

/** A listener for traces that have changed. */
export type TraceListener = (trace: Trace) => void;

// Wrapped, so that a function that is registered twice is removed once by each undo.
const listeners = new Set<{ readonly listener: TraceListener }>();

/**
 * Calls `listener` with every trace that changes from now on: while it is in progress (`info.state` is
 * "IN_PROGRESS", open spans have no `endTimeNs`), and once more when it has ended. Each call receives a
 * new `Trace` with all spans so far. Changes are batched: a listener is called at most every 50 ms, from a
 * timer or before an export, never from within an operation of an agent; without listeners nothing is
 * collected. An error thrown by a listener is warned about once and not propagated.
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
  if (typeof listener !== "function")
    throw invalidValue("a function that is called with each trace", "listener", listener);
  const entry = { listener };
  listeners.add(entry);
  setTraceChangeListener(notifyListeners);
  return () => {
    listeners.delete(entry);
    if (listeners.size === 0) setTraceChangeListener(undefined);
  };
}

function notifyListeners(traceId: string): boolean {
  const bridge = loadedBridge();
  if (bridge === undefined) return false;
  prepareExport(bridge);
  const held = traceFromMemory(bridge, traceId);
  if (held === undefined) return false;
  const { trace } = held;
  // A copy, because a listener may add or remove others.
  const current = [...listeners];
  for (const { listener } of current) {
    try {
      listener(trace);
    } catch (error) {
      warnOnce("listener_failed", `a listener of \`onTrace\` failed: ${errorMessage(error)}`);
    }
  }
  return trace.info.state === "IN_PROGRESS";
}
