/** The libraries that have announced themselves, and those that do so later. */

import { override, type Undo } from "./patch.js";

/**
 * The key on `globalThis` under which libraries announce themselves: a `Set` or an array of modules.
 * A library need not import anything for it:
 *
 *     (globalThis[Symbol.for("mlflow-ag2.libraries")] ??= new Set()).add({ Agent, GroupChat });
 */
const LIBRARIES: unique symbol = Symbol.for("mlflow-ag2.libraries") as never;

type Announced = Set<object> | object[];
type Shared = { [LIBRARIES]?: Announced };

/** The libraries that have announced themselves. */
export function announcedLibraries(): Iterable<unknown> {
  return announced();
}

/** Announces a library. */
export function addAnnounced(library: object): void {
  const all = announced();
  if (Array.isArray(all)) all.push(library);
  else all.add(library);
}

/** Calls `listener` with each library that announces itself later, until it is undone. */
export function listenForLibraries(listener: (library: unknown) => void): Undo | undefined {
  const all = announced();
  const key = Array.isArray(all) ? "push" : "add";
  return override(
    all,
    key,
    (original) =>
      function (this: unknown, ...libraries: never[]) {
        for (const library of libraries) listener(library);
        return Reflect.apply(original, this, libraries);
      },
  );
}

function announced(): Announced {
  return ((globalThis as Shared)[LIBRARIES] ??= new Set());
}
