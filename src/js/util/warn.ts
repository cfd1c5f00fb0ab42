/**
 * Warnings on the console: each code once, and none when silenced. Run-time failures are counted in
 * `stats()`; a warning is the one line that tells a person to look there.
 */

import { shownText } from "./shown-text.js";

const warnedCodes = new Set<string>();
let silent = false;

/** Switches warnings off (`autolog({ silent: true })`) or on again. */
export function setSilent(value: boolean): void {
  silent = value;
}

/** Warns about `code`, the first time since the configuration last changed. Never throws. */
export function warnOnce(code: string, message: string): void {
  if (silent || warnedCodes.has(code)) return;
  warnedCodes.add(code);
  try {
    console.warn(`mlflow-ag2: ${shownText(message)} [${code}]`);
  } catch {
    // A page may have replaced its console.
  }
}

/** Allows every warning once more, after the configuration changed. */
export function resetWarnings(): void {
  warnedCodes.clear();
}
