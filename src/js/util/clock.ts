/**
 * The time of day in milliseconds with a fraction.
 *
 * `Date.now()` alone gives whole milliseconds, too coarse for tool calls; `performance.now()` alone
 * stands still while a laptop sleeps. So the fine clock is anchored to the wall clock, and anchored
 * again whenever the two have drifted apart.
 */

/** How far the two clocks may drift before the fine one is set anew. */
const DRIFT_MS = 50;

let anchorMs = Number.NaN;
/** Kept, because a page looks up its `performance` at three times the price of asking it; not before the first use. */
let fine: Performance | undefined;

/** Milliseconds since 1970 with a fraction, for span times. */
export function nowMs(): number {
  const wallMs = Date.now();
  const fineMs = (fine ??= performance).now();
  const anchoredMs = anchorMs + fineMs;
  // NaN before the first use fails this test too, and so sets the anchor.
  if (Math.abs(anchoredMs - wallMs) <= DRIFT_MS) return anchoredMs;
  anchorMs = wallMs - fineMs;
  return wallMs;
}
