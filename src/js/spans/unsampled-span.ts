/** A span of a trace that is not recorded: what the program does inside is to be known as part of it, so it has a place, and nothing else. */

import type { Scope } from "../agents/observe/observer.js";
import { type LiveSpan, noSpan } from "./live-span.js";

/** A span that ends with a piece of work, which may have to be said how it went. */
export interface SpanOfWork extends LiveSpan {
  readonly scope: Scope;
  /** Whether anything that is said about it is kept. */
  readonly isRecorded: boolean;
  /** Ends the span of work that gave `outputs`, unless the work has said itself what came out. */
  succeed(outputs: unknown): void;
  /** As `succeed`, for outputs that are JSON text already. */
  succeedWithJson(json: string): void;
  /** Ends the span of work that threw `error`; `json` is what came out before that, as JSON text. */
  fail(error: unknown, json?: string): void;
  /** What comes out of the work is not to be recorded, unless the work says it itself. */
  leaveOutResult(): void;
}

const nothing = (): void => {};

/** The span that `scope` would have had. */
export function unsampledSpan(scope: Scope): SpanOfWork {
  return Object.freeze({
    ...noSpan,
    scope,
    isRecorded: false,
    succeed: nothing,
    succeedWithJson: nothing,
    fail: nothing,
    leaveOutResult: nothing,
  });
}
