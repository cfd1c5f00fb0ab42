/**
 * Collects which traces have changed, for `onTrace`. Without a listener a change costs one comparison.
 * Changes are batched: the listener is called at most every `INTERVAL_MS`, and less often when it is slow,
 * so that live views never take more than a fifth of the program's time.
 */

import { loadedBridge, reportedBridge, whenLoaded } from "../bridge/loader.js";
import { guard } from "../util/guard.js";

/** The least interval between two notifications, in milliseconds: short enough to look live. */
const INTERVAL_MS = 50;
/** A notification waits at least this many times as long as the last one took. */
const BACKOFF_FACTOR = 4;
/** The hexadecimal digits of the trace in "TRACE-SPAN". */
const TRACE_ID_LENGTH = 32;

/** Receives the id of a trace that has changed; returns whether that trace is in progress. */
export type TraceChangeListener = (traceId: string) => boolean;

let listener: TraceChangeListener | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let nextNotifyMs = 0;
const changed = new Set<string>();
const running = new Set<string>();

/** Sets the listener that is notified of every trace that changes; `undefined` removes it. */
export function setTraceChangeListener(newListener: TraceChangeListener | undefined): void {
  listener = newListener;
  if (newListener !== undefined) return;
  clearTimeout(timer);
  timer = undefined;
  nextNotifyMs = 0;
  changed.clear();
  running.clear();
}

/** Marks the trace of the span with this key as changed, which includes its end. Never throws. */
export function traceChanged(key: number): void {
  if (listener === undefined) return;
  guard(() => {
    const bridge = reportedBridge();
    const context = bridge?.core.spanContext(key);
    if (context !== undefined) markChanged(`tr-${context.slice(0, TRACE_ID_LENGTH)}`);
  });
}

/** Marks a trace as changed that was closed. */
export function traceClosed(traceId: string): void {
  if (listener !== undefined) markChanged(traceId);
}

/** Marks all traces in progress as changed, since all of them were ended. */
export function allTracesEnded(): void {
  for (const traceId of running) markChanged(traceId);
}

/** Notifies the listener now: the core releases a trace that the server has accepted. Never throws. */
export function notifyTraceChanges(): void {
  clearTimeout(timer);
  timer = undefined;
  // What cannot be read yet is notified once the core has come.
  if (changed.size === 0 || loadedBridge() === undefined) return;
  const traceIds = [...changed];
  changed.clear();
  const startMs = performance.now();
  for (const traceId of traceIds) {
    guard(() => {
      if (listener?.(traceId)) running.add(traceId);
      else running.delete(traceId);
    });
  }
  const endMs = performance.now();
  nextNotifyMs = endMs + Math.max(INTERVAL_MS, (endMs - startMs) * BACKOFF_FACTOR);
}

function markChanged(traceId: string): void {
  changed.add(traceId);
  // The first of several changes waits only for those of the same task.
  timer ??= setTimeout(notifyTraceChanges, Math.max(0, nextNotifyMs - performance.now()));
}

whenLoaded(() => {
  if (changed.size > 0) timer ??= setTimeout(notifyTraceChanges, 0);
});
