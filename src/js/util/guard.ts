/**
 * Observing never breaks the observed: whatever a hook throws ends here, counted.
 */

let failures = 0;

/** Runs a hook so that it cannot break the watched program. */
export function guard(hook: () => void): void {
  try {
    hook();
  } catch {
    countFailure();
  }
}

/** Counts a failure of ours that nobody else will hear of. */
export function countFailure(): void {
  failures += 1;
}

/** How many hooks have failed since the program started; `stats()` shows it. */
export function hookFailures(): number {
  return failures;
}
