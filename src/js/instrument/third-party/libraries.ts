/**
 * The libraries whose agents are traced: those given to `autolog({ library })`, and those that have
 * announced themselves.
 */

import { invalid } from "../../util/errors.js";
import { guard } from "../../util/guard.js";
import { warnOnce } from "../../util/warn.js";
import { addAnnounced, announcedLibraries, listenForLibraries } from "../announced-libraries.js";
import { isObject } from "../fields.js";
import { registerLibraryHooks } from "../library-hooks.js";
import { Hooks } from "./hooks.js";
import { type HookedExport, reportsItselfToObservers, hookLibrary } from "./library-exports.js";
import type { Undo } from "../patch.js";

/** The most exports that a warning names. */
const MAX_SHOWN = 10;

const givenLibraries = new Set<object>();
let hooks: Hooks | undefined;
let unlisten: Undo | undefined;
/** The libraries that were hooked since the hooks were enabled, each with what became of its exports. */
let hookedLibraries = new Map<object, readonly HookedExport[]>();

/**
 * For libraries: announces `module` to `autolog()`, before or after that is called. A library that does
 * not want to import this package adds its module to the set
 * `globalThis[Symbol.for("mlflow-ag2.libraries")]` instead, with the same effect.
 *
 * @param module the exports of the library: its module object, or an object with its classes.
 * @throws MlflowAg2Error `invalid_argument` if it is not an object.
 * @example
 * class Helper {
 *   generateReply(): string {
 *     return "Hello.";
 *   }
 * }
 * announceLibrary({ Helper });
 */
export function announceLibrary(module: object): void {
  const library = checkedLibrary(module);
  // A program that imports this function has the hooks, whatever its entry.
  registerLibraryHooks({ addLibraries, setLibraryHooks });
  addAnnounced(library);
  // For a collection that is not listened to yet.
  if (hooks !== undefined) hookIfNew(library);
}

/** Adds the libraries given to `autolog()`. */
export function addLibraries(libraries: readonly unknown[]): void {
  for (const library of libraries) givenLibraries.add(checkedLibrary(library));
}

/** Applies the hooks of all known libraries, or removes them. A second call does nothing. */
export function setLibraryHooks(on: boolean): void {
  if (!on) {
    hooks?.undo();
    unlisten?.();
    hooks = unlisten = undefined;
    hookedLibraries = new Map();
    return;
  }
  hooks ??= new Hooks(true);
  for (const library of givenLibraries) hookIfNew(library, true);
  for (const library of announcedLibraries()) hookIfNew(library);
  unlisten ??= listenForLibraries((library) => hookIfNew(library));
}

/** The libraries that are hooked, in the order in which they became known, and what became of their exports. */
export function hookedExports(): ReadonlyMap<object, readonly HookedExport[]> {
  return hookedLibraries;
}

function hookIfNew(library: unknown, isGiven = false): void {
  guard(() => {
    if (hooks === undefined || !isLibrary(library) || hookedLibraries.has(library)) return;
    const found = hookLibrary(library, hooks);
    hookedLibraries.set(library, found);
    if (!isGiven || reportsItselfToObservers(library)) return;
    const isAnyHooked = found.some(({ isHooked }) => isHooked);
    const names = found
      .filter(({ isHooked, isMissed }) => (isAnyHooked ? isMissed : !isHooked))
      .map(({ name }) => name);
    if (isAnyHooked && names.length === 0) return;
    const index = [...givenLibraries].indexOf(library);
    const shown = names.slice(0, MAX_SHOWN).map((name) => `\`${name}\``);
    if (names.length > MAX_SHOWN) shown.push(`${names.length - MAX_SHOWN} more`);
    const what = isAnyHooked ? `cannot be traced in ${shown.join(", ")}` : `exports nothing that can be hooked`;
    const exported = isAnyHooked || shown.length === 0 ? "" : ` (${shown.join(", ")})`;
    warnOnce(
      "library_not_hooked",
      `library ${index} given to autolog ${what}${exported}, as functions of an ES module cannot be replaced: ` +
        "call wrapAgent on the agents they make, wrapTool on tools and wrapModelClient on model clients, " +
        "or withSpan around the calls; describeHooks() lists all exports",
      `library ${index}`,
    );
  });
}

function isLibrary(value: unknown): value is object {
  return isObject(value) || typeof value === "function";
}

function checkedLibrary(library: unknown): object {
  if (isLibrary(library)) return library;
  throw invalid(`a library is the object that \`import * as library\` gives, or a class, not \`${String(library)}\``);
}
