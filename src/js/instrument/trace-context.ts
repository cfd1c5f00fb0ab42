/**
 * Contexts of traces: scopes that are no operation. They hold fields of the traces that start in them, which are found
 * by going up from the ambient scope, or from the one that is given as the parent.
 */

import type { Scope } from "../agents/observe/observer.js";
import { shared } from "../util/shared.js";
import { parentOf } from "./scope-state.js";
import type { TraceFields } from "./trace-fields.js";

/** What a context holds. All copies of this package read it, so its shape never changes. */
export interface ContextFields {
  /** The fields of the contexts around it, the outermost first, then its own. Later ones win. */
  readonly layers: readonly TraceFields[];
  /** Whether spans are recorded in it; `undefined`: as outside of all contexts. */
  readonly enabled: boolean | undefined;
}

/** The key of the fields, by which all copies of this package in the realm know the contexts of each other. */
const FIELDS: unique symbol = Symbol.for("mlflow-ag2.trace-context") as never;

/** Shared by all copies: whether there ever was a context. Until then no span looks for one. */
const usage = shared("trace-contexts", () => ({ isUsed: false }));

/** A context. */
export class TraceContext implements Scope {
  readonly kind = "span";
  readonly parent: Scope | undefined;
  readonly [FIELDS]: ContextFields;

  constructor(fields: ContextFields, parent?: Scope) {
    this.parent = parent;
    this[FIELDS] = fields;
    usage.isUsed = true;
  }
}

/** The fields of `scope`, if it is a context. */
export function contextFields(scope: Scope): ContextFields | undefined {
  return (scope as Partial<TraceContext>)[FIELDS];
}

/** The nearest context: `scope` itself or one around it. */
export function enclosingContext(scope: Scope | undefined): Scope | undefined {
  let at = usage.isUsed ? scope : undefined;
  while (at !== undefined && contextFields(at) === undefined) at = parentOf(at);
  return at;
}

/** The nearest scope that is an operation: `scope` itself or one around the contexts. */
export function enclosingOperation(scope: Scope | undefined): Scope | undefined {
  let at = scope;
  while (at !== undefined && contextFields(at) !== undefined) at = at.parent;
  return at;
}
