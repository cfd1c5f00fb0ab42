/** The mark of operations of third-party libraries, by which the copies of this package recognize each other's. */

import type { Scope } from "../agents/observe/observer.js";

/** The key of the mark. */
export const THIRD_PARTY: unique symbol = Symbol.for("mlflow-ag2.third-party-scope") as never;

/** Whether `scope` is an operation of a third-party library, reported by any copy of this package. */
export function hasThirdPartyMark(scope: Scope): boolean {
  return THIRD_PARTY in scope;
}
