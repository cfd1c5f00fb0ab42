/**
 * The error boundary of instrumentation: what a hook throws is counted and never reaches the program.
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

/** Counts a failure of the tracer that is not reported otherwise. */
export function countFailure(): void {
  failures += 1;
}

/** How many hooks have failed since the program started; `stats()` shows it. */
export function hookFailures(): number {
  return failures;
}
