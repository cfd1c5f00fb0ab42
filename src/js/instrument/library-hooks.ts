/**
 * What `autolog()` needs of the hooks of third-party libraries. They are a part of every entry but `mlflow-ag2/lazy`,
 * where a program that wants them imports `mlflow-ag2/library-hooks`.
 */

import { invalid } from "../util/errors.js";
import { warnOnce } from "../util/warn.js";
import { announcedLibraries, listenForLibraries } from "./announced-libraries.js";
import type { Undo } from "./patch.js";

/** The hooks of third-party libraries (third-party/libraries.ts). */
export interface ThirdPartyHooks {
  /** Adds libraries whose agents are to be traced. Throws for what is no library. */
  addLibraries(libraries: readonly unknown[]): void;
  /** Applies the hooks of all known libraries, or removes them. */
  setLibraryHooks(on: boolean): void;
}

const MISSING = 'third-party libraries are not traced: import "mlflow-ag2/library-hooks" too';

let registered: ThirdPartyHooks | undefined;
let areOn = false;
let unlisten: Undo | undefined;

/** Sets the hooks; those of libraries that are known are applied at once if `autolog()` is in force. */
export function registerLibraryHooks(hooks: ThirdPartyHooks): void {
  if (registered !== undefined) return;
  registered = hooks;
  unlisten?.();
  if (areOn) hooks.setLibraryHooks(true);
}

/**
 * Adds the libraries given to `autolog()`.
 *
 * @throws MlflowAg2Error `invalid_argument` if the hooks are not imported, or one is no library.
 */
export function addLibraries(libraries: readonly unknown[]): void {
  if (registered === undefined) throw invalid(MISSING);
  registered.addLibraries(libraries);
}

/** Applies the hooks of all known libraries, or removes them. A second call does nothing. */
export function setLibraryHooks(on: boolean): void {
  areOn = on;
  if (registered !== undefined) return registered.setLibraryHooks(on);
  if (!on) {
    unlisten?.();
    unlisten = undefined;
    return;
  }
  for (const _library of announcedLibraries()) warnOfMissing();
  unlisten ??= listenForLibraries(warnOfMissing);
}

function warnOfMissing(): void {
  warnOnce("library_not_hooked", MISSING);
}
