/** Reports on operations in progress, and their trace context, for tools that call other programs. */

import { notify, type Scope } from "./observer.js";

/** The trace context of `scope` for another program, as W3C headers, from the first observer that has one. */
export function traceContextOf(scope: Scope | undefined): Readonly<Record<string, string>> | undefined {
  let found: Readonly<Record<string, string>> | undefined;
  if (scope !== undefined) notify((observer) => (found ??= observer.traceContext?.(scope)));
  return found;
}

/** Tells the observers more about the operation of `scope`. */
export function reportAttributes(scope: Scope | undefined, attributes: Readonly<Record<string, unknown>>): void {
  if (scope !== undefined) notify((observer) => observer.attributes?.(scope, attributes));
}

/** Tells the observers of something that happens within the operation of `scope`. */
export function reportEvent(
  scope: Scope | undefined,
  name: string,
  attributes: Readonly<Record<string, unknown>>,
): void {
  if (scope !== undefined) notify((observer) => observer.event?.(scope, name, attributes));
}
