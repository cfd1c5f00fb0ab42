/** The end of all tracing, in good order and in bounded time. */

import { nowMs } from "../util/clock.js";
import { loadedCore } from "../bridge/core.js";
import { guard } from "../util/guard.js";
import { abortAll } from "./deadline.js";
import { flushWithin, type FlushResult } from "./deliver.js";

/**
 * Delivers what can be delivered in `timeoutMs` milliseconds; what is left is dropped and counted
 * under `shutdown`, requests still under way are broken off. Never rejects.
 */
export async function deliverLast(timeoutMs: number): Promise<FlushResult> {
  const border = loadedCore();
  if (border === undefined) return { delivered: 0, pending: 0, dropped: 0 };
  const flushed = await flushWithin(timeoutMs);
  const before = border.stats().buffered;
  guard(() => border.tracer.shutDown(nowMs()));
  abortAll("the tracer was shut down");
  return { ...flushed, pending: 0, dropped: flushed.dropped + before };
}
