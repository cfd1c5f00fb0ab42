/** The traces of this page as a store that React can subscribe to. */

import { onTrace, type Trace } from "mlflow-ag2";

/** More than these are forgotten, the oldest first. */
const MAX_TRACES = 50;

let traces: readonly Trace[] = [];
let stop: (() => void) | undefined;
const listeners = new Set<() => void>();

/** Calls `listener` when a trace has changed; gives the undo. One listener of `onTrace` serves all components. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  stop ??= onTrace((trace) => {
    const others = traces.filter(({ info }) => info.traceId !== trace.info.traceId);
    traces = [...others, trace].toSorted((one, other) => one.info.requestTimeMs - other.info.requestTimeMs);
    traces = traces.slice(-MAX_TRACES);
    for (const notify of listeners) notify();
  });
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    stop?.();
    stop = undefined;
  };
}

/** The traces so far, the newest last: the same list until one has changed, as React asks for. */
export function currentTraces(): readonly Trace[] {
  return traces;
}
