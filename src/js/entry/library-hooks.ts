/**
 * `mlflow-ag2/library-hooks`: traces third-party libraries in the style of AG2 or AutoGen, given to
 * `autolog({ library })` or announced by themselves, in a page of `mlflow-ag2/lazy`. All other entries contain it.
 *
 * @example
 * import { autolog } from "mlflow-ag2/lazy";
 * import "mlflow-ag2/library-hooks";
 *
 * autolog({ library });
 */

import { registerLibraryHooks } from "../instrument/library-hooks.js";
import { addLibraries, setLibraryHooks } from "../instrument/third-party/libraries.js";

registerLibraryHooks({ addLibraries, setLibraryHooks });
