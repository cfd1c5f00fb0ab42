/**
 * The span of a function call, recorded or not. One that is not sampled has a scope, so that operations within
 * it are recognized as part of the trace, and nothing else.
 */

import type { Scope } from "../agents/observe/observer.js";
import { type LiveSpan, noopSpan } from "./live-span.js";

/** A span that ends with a function call, by its result or error. */
export interface WorkSpan extends LiveSpan {
  readonly scope: Scope;
  /** Whether the span is recorded. */
  readonly isRecorded: boolean;
  /** Ends the span of a call with this result, which becomes the outputs unless the call has set others. */
  succeed(outputs: unknown): void;
  /** As `succeed`, for outputs as JSON text. */
  succeedWithJson(json: string): void;
  /** Ends the span of a call that threw `error`; `json` is the JSON text of outputs before that. */
  fail(error: unknown, json?: string): void;
  /** Leaves out the result as outputs; those that the call sets itself are recorded. */
  omitOutputs(): void;
}

const nothing = (): void => {};

/** The span of an unsampled `scope`. */
export function unsampledSpan(scope: Scope): WorkSpan {
  return Object.freeze({
    ...noopSpan,
    scope,
    isRecorded: false,
    succeed: nothing,
    succeedWithJson: nothing,
    fail: nothing,
    omitOutputs: nothing,
  });
}
