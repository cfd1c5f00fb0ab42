/**
 * Warnings on the console: each code once, and none when silenced. Run-time failures are counted in
 * `stats()`; a warning is the one line that tells a person to look there.
 */

import { shownText } from "./shown-text.js";

const warnedSubjects = new Set<string>();
/** Those that a changed configuration does not allow again. */
const warnedForGood = new Set<string>();
let silent = false;

/** Switches warnings off (`autolog({ silent: true })`) or on again. */
export function setSilent(value: boolean): void {
  silent = value;
}

/**
 * Warns about `code`, the first time since the configuration last changed. Never throws.
 *
 * @param subject what the warning is about, for a code that is warned about once for each, whatever changes.
 */
export function warnOnce(code: string, message: string, subject?: string): void {
  const warned = subject === undefined ? warnedSubjects : warnedForGood;
  const key = subject ?? code;
  if (silent || warned.has(key)) return;
  warned.add(key);
  try {
    console.warn(`mlflow-ag2: ${shownText(message)} [${code}]`);
  } catch {
    // A page may have replaced its console.
  }
}

/** Allows every warning once more, after the configuration changed. */
export function resetWarnings(): void {
  warnedSubjects.clear();
}
