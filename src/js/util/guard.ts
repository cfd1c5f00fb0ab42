/**
 * The error boundary of instrumentation: what a hook throws is counted and never reaches the program.
 */

let failures = 0;
let failureListener: ((error: unknown) => void) | undefined;

/** Runs a hook so that it cannot break the watched program. */
export function guard(hook: () => void): void {
  try {
    hook();
  } catch (error) {
    countFailure(error);
  }
}

/** Counts a failure of the tracer that is not reported otherwise. Never throws. */
export function countFailure(error: unknown): void {
  failures += 1;
  failureListener?.(error);
}

/** Sets the listener that gets what hooks throw. It must not throw. */
export function setFailureListener(listener: (error: unknown) => void): void {
  failureListener = listener;
}

/** How many hooks have failed since the program started; `stats()` shows it. */
export function hookFailures(): number {
  return failures;
}
