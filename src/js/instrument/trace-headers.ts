/** The W3C header `traceparent` of an operation, for another program that continues its trace. */

import type { Scope } from "../agents/observe/observer.js";
import { reportedBridge } from "../bridge/loader.js";
import { isUnsampled, keyOf, nearestKnown } from "./scopes.js";
import { spanContext, traceField } from "./span-calls.js";

/** The contexts that are sent for unsampled traces, created on demand. */
const unsampledContexts = new WeakMap<Scope, string>();

/** Sets the context, "32hex-16hex", that is sent for an unsampled trace. */
export function setUnsampledContext(scope: Scope, context: string): void {
  unsampledContexts.set(scope, context);
}

/**
 * The header of the nearest operation with a span: `scope` or an ancestor. None without one; for an unsampled trace its
 * flag says so.
 */
export function traceHeaders(scope: Scope | undefined): Record<string, string> {
  const known = nearestKnown(scope);
  if (known === undefined) return {};
  const isSampled = !isUnsampled(known);
  // Its span is known, so it has a key.
  const context = isSampled ? propagatedContext(keyOf(known)!) : unsampledContext(known);
  return context === undefined ? {} : { traceparent: `00-${context}-0${Number(isSampled)}` };
}

/** The context of a span whose trace another program continues from now on. */
function propagatedContext(key: number): string | undefined {
  const context = spanContext(key);
  if (context !== undefined) traceField(key, "isPropagated", "");
  return context;
}

function unsampledContext(scope: Scope): string | undefined {
  let context = unsampledContexts.get(scope);
  if (context === undefined) {
    context = reportedBridge()?.core.unrecordedContext();
    if (context !== undefined) unsampledContexts.set(scope, context);
  }
  return context;
}
