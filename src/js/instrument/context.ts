/**
 * The ambient scope: the operation of which the running code is a part.
 *
 * In hosts with an asynchronous context (AsyncLocalStorage in Node, Deno, Bun and Workers; one day
 * AsyncContext everywhere) it holds across `await`. A page has none: there the scope holds while the
 * operation runs synchronously, up to the first `await`, and is unknown after that. It is never guessed.
 * Only across an `await` of a hooked function's result it is propagated (`context-propagation.ts`).
 */

import type { Scope } from "../agents/observe/observer.js";
import { createAsyncVariable, type AsyncVariable } from "../util/host.js";
import { countFailure } from "../util/guard.js";
import { shared } from "../util/shared.js";
import { contextFields, enclosingContext } from "./trace-context.js";
import { scopeStateOf, ensureScopeState, parentOf } from "./scope-state.js";

/** What all copies of this package in the realm share, so that each knows in which operation it is called. */
interface Ambient {
  /** Looked up at first use; `null` in hosts without an asynchronous context. */
  variable: AsyncVariable<Scope> | null | undefined;
  /** In hosts without an asynchronous context: the scopes whose functions are running synchronously. */
  readonly stack: Scope[];
}

const ambient = shared<Ambient>("ambient-scope", () => ({ variable: undefined, stack: [] }));

/**
 * The ambient scope, or, if its operation has ended or it is a trace context, the nearest operation around it that has
 * not ended; of two that are known, the inner one.
 */
export function currentScope(): Scope | undefined {
  // Code that still runs after its operation has ended (a timer, a queue that was created meanwhile) may
  // run on behalf of another one.
  const scope = nearestRunning(ambientScope());
  if (providers.size === 0) return scope;
  for (const provider of providers) {
    const provided = nearestRunning(scopeFrom(provider));
    if (provided !== undefined && (scope === undefined || isWithin(provided, scope))) return provided;
  }
  return scope;
}

/** Finds the scope of the operation that is active as another tracer knows it. */
export type ScopeProvider = () => Scope | undefined;

const providers = new Set<ScopeProvider>();

/** Adds a provider of the ambient scope; returns a function that removes it. */
export function addScopeProvider(provider: ScopeProvider): () => void {
  providers.add(provider);
  return () => void providers.delete(provider);
}

function scopeFrom(provider: ScopeProvider): Scope | undefined {
  try {
    return provider();
  } catch (error) {
    countFailure(error);
    return undefined;
  }
}

function nearestRunning(scope: Scope | undefined): Scope | undefined {
  let at = scope;
  while (at !== undefined && (hasEnded(at) || contextFields(at) !== undefined)) at = parentOf(at);
  return at;
}

/** The ambient scope with the trace contexts inside of it: what code that runs later has to be given. */
export function scopeToCarry(): Scope | undefined {
  const scope = currentScope();
  const context = enclosingContext(ambientScope());
  return context !== undefined && (scope === undefined || isWithin(context, scope)) ? context : scope;
}

/** Whether the operation of `scope` has ended. */
export function hasEnded(scope: Scope): boolean {
  return scopeStateOf(scope)?.isEnded === true;
}

/** Whether `scope` is `outer` or is below it. */
export function isWithin(scope: Scope | undefined, outer: Scope): boolean {
  let at = scope;
  while (at !== undefined && at !== outer) at = parentOf(at);
  return at !== undefined;
}

/** The ambient scope, whether its operation has ended or not. */
export function ambientScope(): Scope | undefined {
  const { variable } = ambient;
  return variable ? variable.get() : ambient.stack.at(-1);
}

/** Whether the host has an asynchronous context, so that the ambient scope holds across `await`. */
export function hasAsyncContext(): boolean {
  return lookUpAsyncVariable() !== undefined;
}

/** Runs `work` with `scope` as the ambient scope; returns or throws what `work` does. */
export function withScope<T>(scope: Scope, work: () => T): T {
  const inHost = lookUpAsyncVariable();
  if (inHost !== undefined) return inHost.run(scope, work);
  ambient.stack.push(scope);
  try {
    return work();
  } finally {
    ambient.stack.pop();
    segmentEndListener();
  }
}

let segmentEndListener = (): void => {};

/**
 * In hosts without an asynchronous context: sets what is called when code that ran in a scope returns. For
 * `context-propagation.ts`.
 */
export function setSegmentEndListener(listener: () => void): void {
  segmentEndListener = listener;
}

/** Marks the operation of `scope` as ended: code that still runs is not part of it. */
export function markScopeEnded(scope: Scope): void {
  ensureScopeState(scope).isEnded = true;
}

/** Looked up at first use: no feature of the host is used while nothing is traced. */
function lookUpAsyncVariable(): AsyncVariable<Scope> | undefined {
  if (ambient.variable === undefined) ambient.variable = createAsyncVariable() ?? null;
  return ambient.variable ?? undefined;
}

/**
 * In hosts without an asynchronous context: makes `scope` the ambient one until the returned function is
 * called. For `context-propagation.ts`, which ensures that nothing else runs in between.
 */
export function pushScope(scope: Scope): () => void {
  ambient.stack.push(scope);
  return () => {
    const at = ambient.stack.lastIndexOf(scope);
    if (at >= 0) ambient.stack.splice(at, 1);
  };
}
