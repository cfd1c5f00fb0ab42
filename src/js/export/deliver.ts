/**
 * Sends what the core wants sent, when it wants it sent: asks for the next request, performs it,
 * hands back the answer, and sets one timer for the next time something is due. Decides nothing.
 */

import type { Border } from "../bridge/border.js";
import { nowMs } from "../util/clock.js";
import { announceChanges } from "./changes.js";
import { loadedCore } from "../bridge/core.js";
import { countFailure, guard } from "../util/guard.js";
import { isBoundToRequests, isInRequest, unrefTimer } from "../util/host.js";
import { isEnabled } from "../util/switch.js";
import { warnOnce } from "../util/warn.js";
import { exchange, readRequests } from "./exchange.js";
import { isOffline } from "./page.js";
import { transportSettings } from "./settings.js";
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

/** How long to wait before looking again whether another request's flush has got everything out. */
const LOOK_AGAIN_MS = 50;

const LOOPBACK = /^https?:\/\/(localhost|127\.|\[::1\])/;

let liveDelayMs = 5_000;
let timer: ReturnType<typeof setTimeout> | undefined;
let timerDueMs = Number.POSITIVE_INFINITY;
let running: Promise<void> | undefined;
/** Requests under way, and when the newest was sent, in milliseconds since 1970. */
let sending = 0;
let lastSentMs = Number.NEGATIVE_INFINITY;
const listeners = new Set<(border: Border) => void>();
let onWork: (() => void) | undefined;

/** Calls `listener` before anything that has ended may be sent, kept elsewhere or shown. */
export function beforeDelivery(listener: (border: Border) => void): void {
  prepare = listener;
}

/** Does what has to be done before anything that has ended may be sent, kept elsewhere or shown. Never throws. */
export function prepareDelivery(border: Border): void {
  guard(() => prepare(border));
}

let prepare = (_border: Border): void => {};

/**
 * Sees to it that what waits is sent when it is due. Cheap enough to be called at every end of a
 * trace. Does nothing in Workers, where only `flush()` sends. Never throws.
 */
export function deliverSoon(): void {
  onWork?.();
  const border = loadedCore();
  if (border === undefined) return;
  prepareDelivery(border);
  if (running !== undefined || !maySend(border)) return;
  const dueMs = border.tracer.nextDueMs();
  if (dueMs < Number.POSITIVE_INFINITY) wakeBy(dueMs, nowMs());
  // What it was set for may have been sent with something else.
  else forgetTimer();
}

/**
 * As `deliverSoon`, for the end of a span whose trace goes on: it is sent ahead after a while. Asks nobody
 * when, so that it costs next to nothing: whatever else is due by then is found out when the timer fires.
 */
export function deliverLater(now = nowMs()): void {
  if (running === undefined) wakeBy(now + liveDelayMs, now);
}

/** After how long spans of traces in progress are sent ahead, in milliseconds. The core has the same number. */
export function useLiveDelay(delayMs: number): void {
  liveDelayMs = delayMs;
}

function wakeBy(dueMs: number, now: number): void {
  if (timer !== undefined && dueMs >= timerDueMs) return;
  if (isBoundToRequests()) return;
  clearTimeout(timer);
  timerDueMs = dueMs;
  const waitMs = Math.min(Math.max(dueMs - now, 0), MAX_TIMER_MS);
  timer = setTimeout(() => {
    timer = undefined;
    void deliver();
  }, waitMs);
  // What waits must not hold the program open, its end is seen to elsewhere (host-events.ts). What is
  // due now is another thing: a program that awaits `setExperiment` lives by nothing but this timer.
  if (waitMs > 0) unrefTimer(timer);
}

/**
 * As `deliverSoon`, for something that the program is going to await: in Workers the running request
 * is the only time to ask for it. Does nothing at import there, when nothing may be asked.
 */
export function deliverForWaiter(): void {
  if (!isBoundToRequests()) return deliverSoon();
  if (isInRequest()) void deliver();
}

/** Forgets when it meant to send next: a page that comes back cannot rely on timers from before. */
export function forgetTimer(): void {
  clearTimeout(timer);
  timer = undefined;
}

/** Sends everything that is due now, one request after the other. Never rejects. */
export function deliver(): Promise<void> {
  const border = loadedCore();
  if (border === undefined || !maySend(border)) return Promise.resolve();
  // Spans of traces in progress become something to deliver only here.
  onWork?.();
  // What another incoming request has begun may have ended with it, without a word to those who wait for it.
  if (isBoundToRequests()) return drain(border).catch(countFailure);
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
  prepareDelivery(border);
  const before = border.stats();
  border.tracer.flushNow();
  try {
    for (;;) {
      await Promise.race([deliver(), deadline.over]);
      // Traces in progress are not waited for: they may go on for hours.
      const dueMs = nextLookMs(border);
      if (dueMs > deadlineMs || nowMs() >= deadlineMs) break;
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

/** Calls `listener` when there may be something new to deliver, or somewhere new to deliver it to; often, so it must be quick. */
export function whenWorkArrives(listener: (() => void) | undefined): void {
  onWork = listener;
}

/** When a flush has to look again; never when it can do no more. */
function nextLookMs(border: Border): number {
  if (!maySend(border)) return Number.POSITIVE_INFINITY;
  if (isBoundToRequests()) giveUpTheDead(border);
  const dueMs = border.tracer.requestDueMs();
  return dueMs === Number.POSITIVE_INFINITY && isBoundToRequests() && sending > 0 ? nowMs() + LOOK_AGAIN_MS : dueMs;
}

/** A request whose incoming request has ended never gets an answer, not even that its time is over. */
function giveUpTheDead(border: Border): void {
  if (sending === 0 || nowMs() - lastSentMs <= transportSettings().timeoutMs + LOOK_AGAIN_MS) return;
  sending = 0;
  border.tracer.abandonFlights();
  border.tracer.flushNow();
}

/**
 * Switched off means no request, but what was recorded before is still delivered. Without a network
 * nothing is tried, since each failure would count; a server on this computer needs none.
 */
function maySend(border: Border): boolean {
  if (isOffline() && !LOOPBACK.test(border.said(border.tracer.trackingUri())!)) return false;
  return isEnabled() || border.tracer.buffered() > 0;
}

async function drain(border: Border): Promise<void> {
  for (;;) {
    prepareDelivery(border);
    announceChanges();
    const [request] = readRequests(border, border.tracer.nextRequest(nowMs()));
    if (request === undefined) return;
    const sent = exchange(border, request, send);
    lastSentMs = nowMs();
    sending += 1;
    await sent;
    sending = Math.max(sending - 1, 0);
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
