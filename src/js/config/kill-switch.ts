/** Switches all tracing off and on again, whoever traces: agents that report, hooks, spans by hand. */

import { closeOpen } from "../instrument/close-open.js";
import { type FlushResult, shutdownWithin, wakeExporter } from "../export/exporter.js";
import { switchOff } from "../util/switch.js";

/**
 * The global kill switch: stops all tracing at once, whatever `autolog()` says, until `enable()`.
 *
 * @example
 * if (new URLSearchParams(location.search).has("untraced")) disable();
 */
export function disable(): void {
  switchOff(true);
  closeOpen();
  wakeExporter();
}

/**
 * Takes back `disable()`. Tracing goes on if `autolog()` had asked for it and no flag from outside forbids it.
 *
 * @example
 * disable();
 * const secret = await user.initiateChat(assistant, { message: "Not for the record." });
 * enable();
 */
export function enable(): void {
  switchOff(false);
  wakeExporter();
}

/**
 * Ends tracing for good: as `disable()`, then delivers what waits. What has not arrived when the time is up
 * is dropped and counted in `stats().dropped.shutdown`; what `persist` keeps stays kept. Never rejects.
 * After `enable()` tracing goes on.
 *
 * @param options `timeoutMs`: how long to wait, in milliseconds; default 10,000.
 * @example
 * await shutdown({ timeoutMs: 2000 });
 */
export function shutdown({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<FlushResult> {
  disable();
  return shutdownWithin(timeoutMs);
}
