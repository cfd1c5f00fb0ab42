/**
 * Two clocks: the monotonic one, by which spans are timed and everything waits, and how far the wall clock
 * is ahead of it. The core makes timestamps of both, so a wall clock that is set back in the middle of a
 * trace neither holds up deliveries nor makes a duration negative.
 */

/** How far the wall clock may drift from the monotonic one before the distance is measured anew, in milliseconds. */
const DRIFT_MS = 50;

let originMs = Number.NaN;
let unixOffsetMs = 0;
/** Kept, because a page looks up its `performance` at three times the price of asking it; not before the first use. */
let fine: Pick<Performance, "now"> | undefined;
let onStep: ((unixOffsetMs: number) => void) | undefined;

/** Calls `listener` with the distance in milliseconds, now and whenever the wall clock was set or has drifted away. */
export function watchUnixOffset(listener: (unixOffsetMs: number) => void): void {
  onStep = listener;
  if (unixOffsetMs !== 0) listener(unixOffsetMs);
}

/** Milliseconds with a fraction; never goes back. Begins at the wall clock's time, so that earlier times are positive too. */
export function monotonicMs(): number {
  const wallMs = Date.now();
  const fineMs = (fine ??= clockOfHost()).now();
  if (Number.isNaN(originMs)) originMs = wallMs - fineMs;
  const nowMs = originMs + fineMs;
  const driftMs = wallMs - nowMs - unixOffsetMs;
  if (driftMs > DRIFT_MS || driftMs < -DRIFT_MS) {
    unixOffsetMs += driftMs;
    onStep?.(unixOffsetMs);
  }
  return nowMs;
}

/** The monotonic time of a wall clock time, in milliseconds since 1970. */
export function monotonicOf(unixMs: number): number {
  return unixMs - unixOffsetMs;
}

/** `performance`, or where a program has removed it a clock that at least never goes back. */
function clockOfHost(): Pick<Performance, "now"> {
  if (typeof performance === "object") return performance;
  let lastMs = 0;
  return { now: () => (lastMs = Math.max(lastMs, Date.now())) };
}
