/** A limit on how long something may take, whether or not it listens to its signal. */

const running = new Set<AbortController>();

/**
 * Runs `work` for at most `timeoutMs` milliseconds; its signal is aborted then, and what it would
 * still have given is forgotten.
 */
export async function withDeadline<Result>(timeoutMs: number, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const { signal } = controller;
  running.add(controller);
  const timer = setTimeout(() => controller.abort(new Error(`there was no whole answer within ${timeoutMs} ms`)), timeoutMs);
  // A `fetch` or a function that the program gave need not know what a signal is.
  const over = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));
  over.catch(() => {});
  try {
    return await Promise.race([work(signal), over]);
  } finally {
    clearTimeout(timer);
    running.delete(controller);
  }
}

/** Ends everything that runs under a deadline now. */
export function abortAll(why: string): void {
  for (const controller of running) controller.abort(new Error(why));
}
