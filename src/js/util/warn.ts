/**
 * Warnings on the console: each code once, and none when silenced. Run-time failures are counted in
 * `stats()`; a warning is the one line that tells a person to look there.
 */

import { shownText } from "./shown-text.js";

const warnedSubjects = new Set<string>();
/** Those that a changed configuration does not allow again. */
const warnedForGood = new Set<string>();
/** The settings that warnings may be about, as they are now. */
let settings = {};
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

/**
 * Allows every warning once more if any of these settings was another before: a program may set the same ones for each
 * of its traces. Functions count as equal.
 */
export function settingsChanged(changed: object): void {
  const before = JSON.stringify(settings);
  settings = { ...settings, ...changed };
  if (JSON.stringify(settings) !== before) warnedSubjects.clear();
}
