/** Disables and enables all tracing: agents that report, hooks of libraries, manual spans. */

import { endOpenSpans } from "../instrument/end-open-spans.js";
import { type FlushResult, shutdownWithin, wakeExporter } from "../export/exporter.js";
import { setDisabled } from "../util/enablement.js";
import { checkOptions } from "../util/options.js";

/**
 * Stops all tracing at once, whatever `autolog()` was given, until `enable()`: that of every copy of this package in
 * the realm.
 *
 * @example
 * if (new URLSearchParams(location.search).has("untraced")) disable();
 */
export function disable(): void {
  setDisabled(true);
  endOpenSpans();
  wakeExporter();
}

/**
 * Reverts `disable()`. Tracing goes on if `autolog()` asked for it and no flag from outside disables it.
 *
 * @example
 * disable();
 * const secret = await user.initiateChat(assistant, { message: "Not for the record." });
 * enable();
 */
export function enable(): void {
  setDisabled(false);
  wakeExporter();
}

/**
 * Ends tracing: as `disable()`, then delivers the buffered spans. Spans that have not arrived when the time is up
 * are dropped and counted in `stats().dropped.shutdown`; those that `persist` has stored stay stored. Never rejects.
 * After `enable()` tracing goes on.
 *
 * @throws MlflowAg2Error `invalid_argument` for an unknown option.
 * @param options `timeoutMs`: how long to wait, in milliseconds; default 10,000.
 * @example
 * await shutdown({ timeoutMs: 2000 });
 */
export function shutdown(options: { timeoutMs?: number } = {}): Promise<FlushResult> {
  checkOptions("shutdown", options, { timeoutMs: "milliseconds" });
  const { timeoutMs = 10_000 } = options;
  disable();
  return shutdownWithin(timeoutMs);
}
