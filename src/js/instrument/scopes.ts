/**
 * Which span of the core stands for which scope, for everything that makes spans: reports of
 * agents, spans by hand, wrapped libraries. Here it is decided what a new span hangs under:
 *
 * 1. what it was told: the scope's own parent, or the nearest ancestor of that with a span;
 * 2. else the ambient scope (`context.ts`), as long as it runs;
 * 3. else nothing: the span begins a trace of its own. Where it may well have belonged to something,
 *    that is counted and marked, since a trace too many is found and a wrong parent never is.
 */

import type { Scope } from "../agents/observe/observer.js";
import { traceChanged } from "../export/changes.js";
import { loadedBridge } from "../bridge/loader.js";
import { forgetLists } from "../capture/messages/capture-lists.js";
import { ambientScope, currentScope, scopeEnded, survivesAwait } from "./context.js";
import { admitsTrace } from "./sampling.js";
import { notesOf, openNotes, type ScopeNotes } from "./scope-notes.js";
import * as tags from "../bridge/numbers/value-tags.js";

/** The mark on the root of a trace that may have been meant as part of another. */
export const DETACHED_ATTRIBUTE = "mlflow_ag2.detached";

/** The key of a line of scopes none of which has a span. */
export const UNKNOWN = -1;

/** How a new scope finds its place, beyond the rules. */
export interface Placing {
  /** What becomes of a scope whose own parent was not recorded; not given: "nothing", so that half a conversation never becomes a trace. */
  readonly ofUnknown?: "nothing" | "trace";
  /** Begins a trace, whatever runs around it. */
  readonly alone?: boolean;
  /** The part of such traces that is recorded; not given: what was set for all. Without effect on what becomes part of a trace. */
  readonly samplingRatio?: number | undefined;
}

/** An operation of another program, which is only good as a parent. */
export class RemoteScope implements Scope {
  readonly kind = "span";
  readonly parent = undefined;
}

/** The key of a scope that begins a trace which is not recorded: all below it is not either. */
const UNSAMPLED = 0;

let generation = 1;
let open = 0;
let detached = 0;

/**
 * Begins the span of `scope`: finds its parent, lets `start` make the span below it, and remembers it.
 *
 * @param start is given the parent's key, 0 for none, and the scope that it stands for; gives the new span's key, 0 if there is none.
 * @returns the key, 0 if nothing is recorded.
 */
export function begin(
  scope: Scope,
  start: (parent: number, home: Scope | undefined) => number,
  { ofUnknown = "nothing", alone = false, samplingRatio }: Placing = {},
): number {
  const home = alone ? undefined : nearest(scope.parent ?? currentScope());
  const above = home === undefined ? UNSAMPLED : recordOf(home)!.key;
  if (home !== undefined && above === UNSAMPLED) {
    // Its own line does not lead there, if that was only what ran around it.
    if (scope.parent === undefined) rememberUnsampled(scope);
    return 0;
  }
  // Nothing is open that could refer to what was captured before.
  if (open === 0) forgetLists();
  const isDetached = home === undefined && !alone && isDoubtful(scope.parent);
  if (isDetached && scope.parent !== undefined && ofUnknown === "nothing") return 0;
  if (home === undefined && !admitsTrace(samplingRatio)) {
    rememberUnsampled(scope);
    return 0;
  }
  const key = start(above, home);
  if (key === 0) return 0;
  if (isDetached) markDetached(key);
  remember(scope, key, home === undefined || home instanceof RemoteScope);
  traceChanged(key);
  return key;
}

/** Lets `scope` stand for the span with this key. */
export function remember(scope: Scope, key: number, isRoot: boolean): void {
  note(scope, key, isRoot, true);
  open += 1;
}

/** Lets nothing be recorded of `scope` and of what becomes part of it. */
export function rememberUnsampled(scope: Scope): void {
  note(scope, UNSAMPLED, false, false);
}

function note(scope: Scope, key: number, isRoot: boolean, isOpen: boolean): void {
  const notes = openNotes(scope);
  notes.key = key;
  notes.isRoot = isRoot;
  notes.isOpen = isOpen;
  notes.generation = generation;
}

/** Whether `scope` is part of a trace that is not recorded. */
export function isUnsampled(scope: Scope | undefined): boolean {
  const found = nearest(scope);
  return found !== undefined && recordOf(found)!.key === UNSAMPLED;
}

/** The span of `scope` ends. Returns whether a trace may end with it, so that there is something to deliver. */
export function ended(scope: Scope): boolean {
  const known = recordOf(scope);
  if (known === undefined || !known.isOpen) return false;
  known.isOpen = false;
  open -= 1;
  scopeEnded(scope);
  traceChanged(known.key);
  return known.isRoot;
}

/** The key of the span that stands for exactly this scope. */
export function keyOf(scope: Scope): number | undefined {
  return recordOf(scope)?.key;
}

/** The nearest scope with a span, or that is known to have none: `scope` itself or an ancestor. */
export function nearest(scope: Scope | undefined): Scope | undefined {
  let at = scope;
  while (at !== undefined && recordOf(at) === undefined) at = at.parent;
  return at;
}

/** The nearest scope whose span runs: `scope` itself or an ancestor. */
export function nearestOpen(scope: Scope | undefined): Scope | undefined {
  let at = scope;
  while (at !== undefined && recordOf(at)?.isOpen !== true) at = at.parent;
  return at;
}

/** The key of the nearest scope's span; `UNKNOWN` if there is none. */
export function nearestKey(scope: Scope | undefined): number {
  const found = nearest(scope);
  const key = found === undefined ? UNSAMPLED : recordOf(found)!.key;
  return key === UNSAMPLED ? UNKNOWN : key;
}

/** Forgets all scopes: their spans were closed, and nothing is to be told of them any more. */
export function forgetScopes(): void {
  generation += 1;
  open = 0;
}

/** How many traces began that may have been meant as part of another; `stats()` shows it. */
export function detachedTraces(): number {
  return detached;
}

function recordOf(scope: Scope): ScopeNotes | undefined {
  const known = notesOf(scope);
  return known?.generation === generation ? known : undefined;
}

/** Whether a span that begins a trace may belong to something, and nobody can say to what. */
function isDoubtful(parent: Scope | undefined): boolean {
  // What it belongs to was not recorded; or it outlived the operation in which it was started.
  if (parent !== undefined || ambientScope() !== undefined) return true;
  // In a page this may be anything that goes on after an `await`.
  return open > 0 && !survivesAwait();
}

function markDetached(key: number): void {
  detached += 1;
  const bridge = loadedBridge();
  bridge?.tracer.spanAttribute(key, bridge.name(DETACHED_ATTRIBUTE), tags.bool, 1, 0);
}
