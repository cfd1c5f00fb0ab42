/** `describeHooks()`: what `autolog()` has hooked of each library, and what it could not hook. */

import { isObject } from "../fields.js";
import { hookedExports } from "./libraries.js";
import { type HookedExport, isClass } from "./library-exports.js";
import { shapeOfClass, shapeOfObject } from "./object-shape.js";

/** A class, an agent or a function of a library whose calls are traced. */
export interface HookDescription {
  /** The name under which the library exports it; "" for a class or an agent that was given itself. */
  readonly name: string;
  /** What it counts as; `undefined` for a function. */
  readonly kind: "agent" | "group" | "client" | "tool" | "queue" | undefined;
  /** The operation of each of its methods that has one, such as `{ generateReply: "reply" }`. */
  readonly methods: Readonly<Record<string, string>>;
}

/** An export of a library whose calls are not traced. */
export interface UnhookedDescription {
  /** The name under which the library exports it. */
  readonly name: string;
  /** Why it is not hooked. */
  readonly reason: string;
}

/** The hooks on one library. */
export interface LibraryHooks {
  /** The position of the library among those that are known, from 0 on, in the order in which they became known. */
  readonly index: number;
  /** What is traced. */
  readonly hooked: readonly HookDescription[];
  /** What is not traced. */
  readonly unhooked: readonly UnhookedDescription[];
}

/**
 * Describes the hooks on the libraries that were given to `autolog({ library })` or have announced themselves. Empty
 * while tracing is disabled.
 *
 * @example
 * class Helper {
 *   async generateReply(): Promise<string> {
 *     return "Hello.";
 *   }
 * }
 * autolog({ library: { Helper } });
 * for (const { hooked, unhooked } of describeHooks()) console.log(hooked, unhooked);
 */
export function describeHooks(): LibraryHooks[] {
  return [...hookedExports().values()].map((found, index) => ({
    index,
    hooked: found.filter(({ isHooked }) => isHooked).map(hookDescription),
    unhooked: found.filter(({ isHooked }) => !isHooked).map(({ name, value }) => ({ name, reason: reasonOf(value) })),
  }));
}

function hookDescription({ name, value }: HookedExport): HookDescription {
  const { prototype } = value as { prototype?: unknown };
  const shape =
    typeof value !== "function" ? shapeOfObject(value) : isObject(prototype) ? shapeOfClass(prototype) : undefined;
  const methods = [...(shape?.methods ?? [])].map(([method, { role }]) => [method, role] as const);
  return { name, kind: shape?.kind, methods: Object.fromEntries(methods) };
}

function reasonOf(value: object): string {
  return isClass(value)
    ? "the class has no method with a known name"
    : "a function that an ES module exports cannot be replaced, and the name of another one must be a known one";
}
