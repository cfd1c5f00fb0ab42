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

/**
 * Counts what a listener of an adapter has thrown, in `stats().hookFailures`; the first one is warned about. An adapter
 * calls it where it catches errors, so that none of them reaches the framework or is lost. Never throws.
 *
 * @example
 * function onStep(step: { name: string }): void {
 *   try {
 *     startSpan({ name: step.name }).end();
 *   } catch (error) {
 *     countHookFailure(error);
 *   }
 * }
 */
export function countHookFailure(error: unknown): void {
  countFailure(error);
}

/** Sets the listener that gets what hooks throw. It must not throw. */
export function setFailureListener(listener: (error: unknown) => void): void {
  failureListener = listener;
}

/** How many hooks have failed since the program started; `stats()` shows it. */
export function hookFailures(): number {
  return failures;
}
