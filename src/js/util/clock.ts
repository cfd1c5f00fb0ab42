/**
 * Two clocks: the monotonic one, by which spans and all waits are timed, and the offset of the wall clock
 * from it. The core computes timestamps from both, so a wall clock that is set back during a trace neither
 * delays exports nor makes a duration negative.
 */

/** How far the wall clock may drift from the monotonic one before the offset is measured again, in milliseconds. */
const DRIFT_MS = 50;

let originMs = Number.NaN;
let unixOffsetMs = 0;
/** Looked up once, at first use: in a page the look-up of `performance` costs three times as much as the call. */
let performanceClock: Pick<Performance, "now"> | undefined;
let offsetListener: ((unixOffsetMs: number) => void) | undefined;

/** Calls `listener` with the offset in milliseconds, now and whenever the wall clock was set or has drifted. */
export function onUnixOffsetChange(listener: (unixOffsetMs: number) => void): void {
  offsetListener = listener;
  if (unixOffsetMs !== 0) listener(unixOffsetMs);
}

/**
 * The monotonic time in milliseconds, with a fraction. It starts at the wall clock's time, so that earlier times
 * are positive too.
 */
export function monotonicMs(): number {
  const wallMs = Date.now();
  const fineMs = (performanceClock ??= hostClock()).now();
  if (Number.isNaN(originMs)) originMs = wallMs - fineMs;
  const nowMs = originMs + fineMs;
  const driftMs = wallMs - nowMs - unixOffsetMs;
  if (driftMs > DRIFT_MS || driftMs < -DRIFT_MS) {
    unixOffsetMs += driftMs;
    offsetListener?.(unixOffsetMs);
  }
  return nowMs;
}

/** `performance`, or a clock that at least never goes back where the program has removed it. */
function hostClock(): Pick<Performance, "now"> {
  if (typeof performance === "object") return performance;
  let lastMs = 0;
  return { now: () => (lastMs = Math.max(lastMs, Date.now())) };
}
