/**
 * Says a thing on the console, once, and not at all when asked to be silent. Run-time trouble is
 * counted in `stats()`; this is the one line that tells a person to look there.
 */

const said = new Set<string>();
let silent = false;

/** Switches warnings off (`autolog({ silent: true })`) or on again. */
export function setSilent(value: boolean): void {
  silent = value;
}

/** Warns about `code`, the first time it happens since the setup last changed. Never throws. */
export function warnOnce(code: string, message: string): void {
  if (silent || said.has(code)) return;
  said.add(code);
  try {
    console.warn(`mlflow-ag2: ${message} [${code}]`);
  } catch {
    // A page may have replaced its console.
  }
}

/** Lets every warning be said once more, after the setup changed. */
export function forgetWarnings(): void {
  said.clear();
}
