/**
 * The tracer's state of each scope, in a private field of the scope object: a `WeakMap` takes five times as long.
 *
 * Scopes are objects of any code, and their state is read several times per span. The field is added by "return
 * override": the constructor of a base class may return any object, and the private fields of the subclass are then
 * added to that object.
 */

import type { Scope } from "../agents/observe/observer.js";

/** The state of a scope. */
export class ScopeState {
  /** The key of its span in the core. */
  key = 0;
  /** Whether its end may be the end of a trace, as far as this program knows. */
  isRoot = false;
  isOpen = false;
  /** All scopes are reset at once by a new generation: the state of an earlier one, as of 0, is void. */
  generation = 0;
  /** Whether its operation has ended. */
  isEnded = false;
  /** The scope whose span is the parent of its span, where the scope itself does not refer to it. */
  parent: Scope | undefined;
  /** The `RecordingSpan` of `spans` for it, if the program has one. */
  span: object | undefined;
}

/** A base class whose constructor returns the object that it is given, so that subclasses add their fields to it. */
class ReturnOverride {
  constructor(scope?: Scope) {
    if (scope !== undefined) return scope;
  }
}

/** A scope with state: our own from the start, others once there is state to store. */
export class StatefulScope extends ReturnOverride {
  readonly #state = new ScopeState();

  static read(scope: Scope): ScopeState | undefined {
    return #state in scope ? scope.#state : undefined;
  }

  /** Adds the state, and returns it: Rollup would remove a `new` without a use of its result. */
  static add(scope: Scope): ScopeState {
    return new StatefulScope(scope).#state;
  }
}

/** The state of `scope`, if it has any. */
export function scopeStateOf(scope: Scope): ScopeState | undefined {
  return StatefulScope.read(scope);
}

/** The state of `scope`, added if it has none. */
export function ensureScopeState(scope: Scope): ScopeState {
  return StatefulScope.read(scope) ?? StatefulScope.add(scope);
}

/** The scope that encloses `scope`: the one that it refers to, or the ambient one when its span started. */
export function parentOf(scope: Scope): Scope | undefined {
  return scope.parent ?? scopeStateOf(scope)?.parent;
}
