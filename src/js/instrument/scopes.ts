/**
 * Binds scopes to the spans of the core, for everything that creates spans: reports of agents, manual
 * spans, hooked libraries. The parent of a new span is:
 *
 * 1. the explicit one: the scope's own parent, or the nearest ancestor of that with a span;
 * 2. else the ambient scope (`context.ts`), or, if that has ended, the nearest one around it that has not: then the
 *    span is marked as late;
 * 3. else none: the span starts a trace. If it may have been part of another operation, the trace is
 *    counted and marked as detached, since an extra trace is noticed and a wrong parent never is.
 */

import type { Scope } from "../agents/observe/observer.js";
import { traceChanged } from "../export/trace-changes.js";
import { reportedBridge } from "../bridge/loader.js";
import { clearCapturedLists } from "../capture/messages/capture-lists.js";
import { ambientScope, currentScope, hasEnded, isWithin, markScopeEnded, hasAsyncContext } from "./context.js";
import { shouldSample } from "./sampling.js";
import { scopeStateOf, ensureScopeState, parentOf, type ScopeState } from "./scope-state.js";
import {
  contextFields,
  enclosingContext,
  enclosingOperation,
  TraceContext,
  type ContextFields,
} from "./trace-context.js";
import { applyTraceFields, traceDefaults } from "./trace-fields.js";
import { hasThirdPartyMark } from "./third-party-mark.js";
import * as tags from "../bridge/numbers/value-tags.js";

/** The attribute on the root of a trace that may have been meant as part of another. */
const DETACHED_ATTRIBUTE = "mlflow_ag2.detached";

/**
 * The attribute of a span that started in an operation that had ended: its parent is the nearest open one around it.
 */
const LATE_ATTRIBUTE = "mlflow_ag2.late";

/** The key of a scope without a span, and without an ancestor that has one. */
export const UNKNOWN = -1;

/** Exceptions from the rules for the parent of a new span. */
export interface PlacementOptions {
  /**
   * What happens to a scope whose own parent was not recorded. Default "nothing", so that half a conversation
   * never becomes a trace.
   */
  readonly ifParentUnrecorded?: "nothing" | "trace";
  /** Starts a trace, whatever the ambient scope is. */
  readonly isRoot?: boolean;
  /** The sampling ratio of such traces. Default: the ratio that was set for all. No effect on spans with a parent. */
  readonly samplingRatio?: number | undefined;
}

/** An operation of another program, which can only be a parent. */
export class RemoteScope implements Scope {
  readonly kind = "span";
  readonly parent = undefined;
}

/** The key of a scope whose trace is not sampled; its descendants are not recorded either. */
const UNSAMPLED = 0;

const MAX_CLOSED_KEYS = 50_000;
/** The keys of spans that were ended with their trace, while their scopes have not ended. */
const closedKeys = new Set<number>();

let generation = 1;
let openSpans = 0;
let detachedCount = 0;

/**
 * Starts the span of `scope`: finds its parent, calls `start` to create the span below it, and binds it.
 *
 * @param start receives the parent's key, 0 for none, and the parent's scope; returns the key of the new
 *   span, 0 if there is none.
 * @returns the key, 0 if nothing is recorded.
 */
export function beginSpan(
  scope: Scope,
  start: (parent: number, parentScope: Scope | undefined) => number,
  { ifParentUnrecorded: ofUnknown = "nothing", isRoot: alone = false, samplingRatio }: PlacementOptions = {},
): number {
  const context = enclosingContext(scope.parent) ?? enclosingContext(ambientScope());
  const { layers = [], enabled }: Partial<ContextFields> = (context && contextFields(context)) ?? {};
  if (enabled === false) {
    bindUnsampled(scope);
    return 0;
  }
  const parentScope = alone ? undefined : nearestKnown(scope.parent ?? currentScope());
  const parentKey = parentScope === undefined ? UNSAMPLED : currentState(parentScope)!.key;
  if (parentScope !== undefined && parentKey === UNSAMPLED) {
    // If the parent is only the ambient scope, `scope` itself does not refer to it.
    if (scope.parent === undefined) bindUnsampled(scope);
    return 0;
  }
  // No open span can refer to lists that were captured before.
  if (openSpans === 0) clearCapturedLists();
  const isDetached = parentScope === undefined && !alone && isParentUncertain(scope.parent);
  if (isDetached && scope.parent !== undefined && ofUnknown === "nothing") return 0;
  if (parentScope === undefined && !shouldSample(samplingRatio)) {
    bindUnsampled(scope);
    return 0;
  }
  const key = start(parentKey, parentScope);
  if (key === 0) return 0;
  if (isDetached) {
    detachedCount += 1;
    mark(key, DETACHED_ATTRIBUTE);
  } else if (isLate(scope, parentScope)) mark(key, LATE_ATTRIBUTE);
  if (parentScope === undefined) for (const fields of [traceDefaults(), ...layers]) applyTraceFields(key, fields);
  bindSpan(scope, key, parentScope === undefined || parentScope instanceof RemoteScope);
  if (scope.parent === undefined) ensureScopeState(scope).parent = scopeAround(parentScope, context);
  traceChanged(key);
  return key;
}

/** Binds `scope` to the open span with this key. */
export function bindSpan(scope: Scope, key: number, isRoot: boolean): void {
  setState(scope, key, isRoot, true);
  openSpans += 1;
}

/** Marks `scope` as unsampled: neither it nor its descendants are recorded. */
export function bindUnsampled(scope: Scope): void {
  setState(scope, UNSAMPLED, false, false);
}

function setState(scope: Scope, key: number, isRoot: boolean, isOpen: boolean): void {
  const state = ensureScopeState(scope);
  state.key = key;
  state.isRoot = isRoot;
  state.isOpen = isOpen;
  state.generation = generation;
}

/** Whether `scope` is part of a trace that is not sampled. */
export function isUnsampled(scope: Scope | undefined): boolean {
  const found = nearestKnown(scope);
  return found !== undefined && currentState(found)!.key === UNSAMPLED;
}

/** Ends the span of `scope`. Returns whether its trace may end with it, and so be exported. */
export function endSpan(scope: Scope): boolean {
  const known = currentState(scope);
  if (known === undefined || !known.isOpen) return false;
  known.isOpen = false;
  if (!closedKeys.delete(known.key)) openSpans -= 1;
  markScopeEnded(scope);
  traceChanged(known.key);
  return known.isRoot;
}

/** The key of the span of exactly this scope. */
export function keyOf(scope: Scope): number | undefined {
  return currentState(scope)?.key;
}

/** The nearest scope with a span, or that is unsampled: `scope` itself or an ancestor. */
export function nearestKnown(scope: Scope | undefined): Scope | undefined {
  let at = scope;
  while (at !== undefined && currentState(at) === undefined) at = parentOf(at);
  return at;
}

/** The nearest scope whose span is open: `scope` itself or an ancestor. */
export function nearestOpen(scope: Scope | undefined): Scope | undefined {
  let at = scope;
  while (at !== undefined && !isOpen(currentState(at))) at = parentOf(at);
  return at;
}

function isOpen(state: ScopeState | undefined): boolean {
  return state?.isOpen === true && !closedKeys.has(state.key);
}

/** Counts spans as ended whose trace was closed: their scopes, which are not known here, may never be ended. */
export function forgetSpans(keys: Iterable<number>): void {
  for (const key of keys) {
    openSpans -= 1;
    closedKeys.add(key);
    // Numbers alone, and no more than the core keeps of spans in progress.
    if (closedKeys.size > MAX_CLOSED_KEYS) closedKeys.delete(closedKeys.values().next().value!);
  }
}

/** The key of the nearest scope's span; `UNKNOWN` if there is none. */
export function nearestKey(scope: Scope | undefined): number {
  const found = nearestKnown(scope);
  const key = found === undefined ? UNSAMPLED : currentState(found)!.key;
  return key === UNSAMPLED ? UNKNOWN : key;
}

/** Unbinds all scopes, since their spans were ended. */
export function forgetScopes(): void {
  generation += 1;
  openSpans = 0;
  closedKeys.clear();
}

/** How many traces may have been meant as part of another; shown by `stats()`. */
export function detachedTraces(): number {
  return detachedCount;
}

function currentState(scope: Scope): ScopeState | undefined {
  const known = scopeStateOf(scope);
  return known?.generation === generation ? known : undefined;
}

/** What encloses a span: its parent, or a trace context that is nearer. Nothing encloses the root of a trace. */
function scopeAround(parent: Scope | undefined, context: Scope | undefined): Scope | undefined {
  if (context === undefined) return parent;
  if (parent === undefined) return new TraceContext(contextFields(context)!);
  return isWithin(context, parent) ? context : parent;
}

/** Whether a span that starts a trace may be part of an operation that cannot be determined. */
function isParentUncertain(parent: Scope | undefined): boolean {
  // Its parent was not recorded, or it was started in an operation that has ended.
  if (enclosingOperation(parent ?? ambientScope()) !== undefined) return true;
  // A trace context was given in place of a parent.
  if (parent !== undefined) return false;
  // In a page it may be part of any open operation, after an `await`.
  return openSpans > 0 && !hasAsyncContext();
}

/** Whether the parent of a span is what encloses an operation that has ended, in which the span started. */
function isLate(scope: Scope, parent: Scope | undefined): boolean {
  let at = ambientScope();
  if (parent === undefined || at === undefined || !hasEnded(at)) return false;
  const current = currentScope();
  if (scope.parent !== undefined && !(hasThirdPartyMark(scope) && scope.parent === current)) return false;
  // Only what had a span of its own has ended.
  while (at !== undefined && at !== current && currentState(at) === undefined) at = parentOf(at);
  return at !== current;
}

function mark(key: number, attribute: string): void {
  const bridge = reportedBridge();
  bridge?.tracer.spanAttribute(key, bridge.intern(attribute), tags.bool, 1, 0);
}
