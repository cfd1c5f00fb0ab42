/** `status()`: whether conversations are recorded, in one word, and what to do if they are not. */

import { isCoreAwaited, loadError, requestedBridge } from "../bridge/loader.js";
import { disabledBy } from "../util/enablement.js";
import { shownText } from "../util/shown-text.js";
import { isAutologOn } from "./start-autolog.js";

/**
 * Whether agents are traced now, for people: the first word is "on", "off" or "blocked", and the rest tells the reason
 * and the fix. Loads nothing that `autolog` or `init` has not asked for.
 *
 * - `on`: agents are traced.
 * - `on, waiting for the server since …`: spans wait, since requests fail from that time on; then the newest failure.
 * - `on, waiting for the tracing core …`: `mlflow-ag2/lazy` records until its other file has come.
 * - `off: …`: nothing asks for tracing, or something disables it.
 * - `blocked: …`: the host refuses what tracing needs, such as WebAssembly.
 *
 * @example
 * if (!status().startsWith("on")) console.log(status());
 */
export function status(): string {
  const reason = disabledBy();
  if (reason !== undefined) return `off: ${reason}`;
  const bridge = requestedBridge();
  const error = loadError();
  if (error !== undefined) return `blocked: ${error.message}`;
  if (!isAutologOn()) return "off: autolog was not called; call `autolog()`: only manual spans are recorded";
  if (isCoreAwaited()) return "on, waiting for the tracing core to be loaded";
  const { lastError, buffered } = bridge?.core.stats() ?? {};
  if (lastError === undefined || lastError.isOver || !buffered) return "on";
  const since = new Date(lastError.sinceMs).toISOString();
  return `on, waiting for the server since ${since}: ${shownText(lastError.message)}`;
}
