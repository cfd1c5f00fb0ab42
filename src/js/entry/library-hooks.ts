/**
 * `mlflow-ag2/library-hooks`: traces third-party libraries in the style of AG2 or AutoGen, given to
 * `autolog({ library })` or announced by themselves, in a page of `mlflow-ag2/lazy` (docs/hosts.md). It has no names:
 * importing it is all. `autolog` of every other entry has these hooks.
 */

import { registerLibraryHooks } from "../instrument/library-hooks.js";
import { addLibraries, setLibraryHooks } from "../instrument/third-party/libraries.js";

registerLibraryHooks({ addLibraries, setLibraryHooks });
