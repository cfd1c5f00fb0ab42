/**
 * What is noted about a scope, in the scope itself where nobody else can see it: a private field,
 * stamped on from outside. It does what a WeakMap does at a fraction of the price, and a scope is
 * met several times per span.
 */

import type { Scope } from "../agents/observe/observer.js";

/** What is noted about a scope. */
export class ScopeNotes {
  /** The span of the core that stands for it. */
  key = 0;
  /** Whether its end may be the end of a trace, as far as this program knows it. */
  isRoot = false;
  isOpen = false;
  /** Scopes are forgotten all at once; those of an earlier generation, as of 0, have no span. */
  generation = 0;
  /** The operation that it stands for has ended. */
  isOver = false;
  /** The span in the program's hands that stands for it; what that is, is the business of `spans`. */
  span: object | undefined;
}

/** A base class whose constructor gives back any object, if it is given one, so that a subclass puts its fields on that one. */
class Bearer {
  constructor(scope?: Scope) {
    if (scope !== undefined) return scope;
  }
}

/** What carries notes: our own scopes from the beginning, others once there is something to note. */
export class Noted extends Bearer {
  readonly #notes = new ScopeNotes();

  static read(scope: Scope): ScopeNotes | undefined {
    return #notes in scope ? scope.#notes : undefined;
  }

  /** Goes on with what was made: Rollup takes a `new` whose outcome nobody uses for nothing at all. */
  static write(scope: Scope): ScopeNotes {
    return new Noted(scope).#notes;
  }
}

/** What is noted about `scope`, if anything is. */
export function notesOf(scope: Scope): ScopeNotes | undefined {
  return Noted.read(scope);
}

/** What is noted about `scope`, to be added to. */
export function openNotes(scope: Scope): ScopeNotes {
  return Noted.read(scope) ?? Noted.write(scope);
}
