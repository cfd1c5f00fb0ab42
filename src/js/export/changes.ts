/**
 * Notes which traces have changed, for those who watch them grow. While nobody watches, a note costs
 * one comparison. Notes are gathered: whoever watches is told at most every `INTERVAL_MS`, and less
 * often where telling takes long, so that watching never takes more than a fifth of the program's time.
 */

import { loadedBridge } from "../bridge/loader.js";
import { guard } from "../util/guard.js";

/** Quick enough to look live, slow enough that a chat's many small steps are told together. */
const INTERVAL_MS = 50;
/** How many times as long as the telling took the next one waits at least. */
const REST_FACTOR = 4;
/** The hexadecimal digits of the trace in "TRACE-SPAN". */
const TRACE_ID_LENGTH = 32;

/** Tells of one trace; whether it still runs. */
export type Announce = (traceId: string) => boolean;

let announce: Announce | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let restEndsMs = 0;
const changed = new Set<string>();
const running = new Set<string>();

/** From now on `listener` is told of every trace that changes; `undefined` ends it. */
export function watchChanges(listener: Announce | undefined): void {
  announce = listener;
  if (listener !== undefined) return;
  clearTimeout(timer);
  timer = undefined;
  restEndsMs = 0;
  changed.clear();
  running.clear();
}

/** The trace of the span with this key has changed, or is about to end. Never throws. */
export function traceChanged(key: number): void {
  if (announce === undefined) return;
  guard(() => {
    const bridge = loadedBridge();
    const context = bridge?.core.spanContext(key);
    if (context !== undefined) note(`tr-${context.slice(0, TRACE_ID_LENGTH)}`);
  });
}

/** Every trace that ran was closed at once. */
export function tracesClosed(): void {
  for (const traceId of running) note(traceId);
}

/** Tells now of what was noted: what arrives on the server is forgotten here. Never throws. */
export function announceChanges(): void {
  clearTimeout(timer);
  timer = undefined;
  if (changed.size === 0) return;
  const traceIds = [...changed];
  changed.clear();
  const startMs = performance.now();
  for (const traceId of traceIds) {
    guard(() => {
      if (announce?.(traceId)) running.add(traceId);
      else running.delete(traceId);
    });
  }
  const endMs = performance.now();
  restEndsMs = endMs + Math.max(INTERVAL_MS, (endMs - startMs) * REST_FACTOR);
}

function note(traceId: string): void {
  changed.add(traceId);
  // The first of several changes waits only for what happens in the same moment.
  timer ??= setTimeout(announceChanges, Math.max(0, restEndsMs - performance.now()));
}
