/**
 * Sends what the core wants sent, when it wants it sent: asks for the next request, performs it,
 * hands back the answer, and sets one timer for the next time something is due. Decides nothing.
 */

import type { Border } from "../border.js";
import { nowMs } from "../clock.js";
import { loadedCore } from "../core.js";
import { countFailure } from "../guard.js";
import { unrefTimer } from "../host.js";
import { isEnabled } from "../switch.js";
import { warnOnce } from "../warn.js";
import { send } from "./transport.js";

/** What became of everything that was waiting when `flush()` was called. */
export interface FlushResult {
  /** Spans that arrived during this flush. */
  readonly delivered: number;
  /** Finished spans that still wait: the server could not be reached in time. */
  readonly pending: number;
  /** Spans given up during this flush; `stats().dropped` says why. */
  readonly dropped: number;
}

/** The longest time a timer can be set for in every host; longer waits are asked again. */
const MAX_TIMER_MS = 2 ** 31 - 1;

let timer: ReturnType<typeof setTimeout> | undefined;
let timerDueMs = Number.POSITIVE_INFINITY;
let running: Promise<void> | undefined;
const listeners = new Set<(border: Border) => void>();

/** Sees to it that what waits is sent when it is due. Cheap enough to be called at every end of a trace. Never throws. */
export function deliverSoon(): void {
  const border = loadedCore();
  if (border === undefined || running !== undefined || !maySend(border)) return;
  const dueMs = border.tracer.nextDueMs();
  if (dueMs === undefined) return;
  if (timer !== undefined) {
    if (dueMs >= timerDueMs) return;
    clearTimeout(timer);
  }
  timerDueMs = dueMs;
  const waitMs = Math.min(Math.max(dueMs - nowMs(), 0), MAX_TIMER_MS);
  timer = setTimeout(
    () => {
      timer = undefined;
      void deliver();
    },
    waitMs,
  );
  // What waits must not hold the program open, its end is seen to elsewhere (host-events.ts). What is
  // due now is another thing: a program that awaits `setExperiment` lives by nothing but this timer.
  if (waitMs > 0) unrefTimer(timer);
}

/** Sends everything that is due now, one request after the other. Never rejects. */
export function deliver(): Promise<void> {
  const border = loadedCore();
  if (border === undefined || !maySend(border)) return Promise.resolve();
  running ??= drain(border)
    .catch(countFailure)
    .finally(() => {
      running = undefined;
      deliverSoon();
    });
  return running;
}

/**
 * Sends everything that waits, due or not, and waits for the answers, tried again where that makes
 * sense, until nothing is left or the time is up. Never rejects.
 *
 * @param timeoutMs how long to wait, in milliseconds.
 */
export async function flushWithin(timeoutMs: number): Promise<FlushResult> {
  const border = loadedCore();
  if (border === undefined) return { delivered: 0, pending: 0, dropped: 0 };
  const deadlineMs = nowMs() + timeoutMs;
  const deadline = pause(timeoutMs);
  const before = border.stats();
  border.tracer.flushNow();
  try {
    for (;;) {
      await Promise.race([deliver(), deadline.over]);
      const dueMs = maySend(border) ? border.tracer.nextDueMs() : undefined;
      if (dueMs === undefined || dueMs > deadlineMs || nowMs() >= deadlineMs) break;
      await pause(Math.max(dueMs - nowMs(), 0)).over;
    }
  } finally {
    deadline.cancel();
  }
  const after = border.stats();
  return {
    delivered: after.delivered - before.delivered,
    pending: after.buffered,
    dropped: total(after.dropped) - total(before.dropped),
  };
}

/** Calls `listener` after each answer, when the core may know more than before. */
export function afterEachAnswer(listener: (border: Border) => void): void {
  listeners.add(listener);
}

/** Switched off means no request, but what was recorded before is still delivered. */
function maySend(border: Border): boolean {
  return isEnabled() || border.stats().buffered > 0;
}

async function drain(border: Border): Promise<void> {
  for (;;) {
    const sent = border.tracer.sendNext(send, nowMs());
    if (sent === undefined) return;
    await sent;
    for (const { code, message } of border.notices()) warnOnce(code, message);
    for (const listener of listeners) listener(border);
  }
}

function pause(ms: number): { readonly over: Promise<void>; cancel(): void } {
  let timeout: ReturnType<typeof setTimeout>;
  // The one who awaits a flush wants the process to live until then, so this timer is not let go.
  const over = new Promise<void>((resolve) => {
    timeout = setTimeout(resolve, Math.min(ms, MAX_TIMER_MS));
  });
  return { over, cancel: () => clearTimeout(timeout) };
}

function total(byReason: Readonly<Record<string, number>>): number {
  return Object.values(byReason).reduce((sum, count) => sum + count, 0);
}
