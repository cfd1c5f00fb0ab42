/**
 * `mlflow-ag2/lazy`: the WebAssembly is a chunk of its own, which a bundler that splits makes of the dynamic import.
 * Until it has come, calls of hooks are recorded. The hooks of third-party libraries are left out.
 */

import { RecordingBridge } from "../bridge/recording-bridge.js";
import { setCompiler, setRecording } from "../bridge/loader.js";
import "../config/environment.js";
import { type AutologOptions, startAutolog } from "../config/start-autolog.js";
import { MlflowAg2Error } from "../util/errors.js";
import { errorMessage } from "../util/safe-access.js";
import { instantiate } from "./bindings.js";
import { unpack } from "./unpack.js";

setRecording((record) => new RecordingBridge(record));
setCompiler(async () => {
  const { wasmBytes, wasmFrequent, wasmText } = await import("../../wasm/inline.js").catch((error: unknown) => {
    throw new MlflowAg2Error(
      "wasm_unavailable",
      "the file with the tracing core could not be loaded, so nothing is traced: deploy all files that the bundler " +
        `has made, and keep those of pages that are still open (${errorMessage(error)})`,
      { cause: error },
    );
  });
  const module = await WebAssembly.compile(unpack(wasmText, wasmFrequent, wasmBytes));
  return () => instantiate(module);
});

export * from "../index.js";

/**
 * As `autolog` of `mlflow-ag2`. The hooks of third-party libraries are those of `mlflow-ag2/library-hooks`, if that is
 * imported.
 *
 * @throws MlflowAg2Error `invalid_argument` for options it does not know, and for `library` without those hooks.
 * @example
 * autolog({ silent: true });
 */
export function autolog(options: AutologOptions = {}): void {
  startAutolog(options);
}

/**
 * `mlflow.ag2.autolog()`, as in Python.
 *
 * @example
 * import * as mlflow from "mlflow-ag2/lazy";
 * mlflow.ag2.autolog();
 */
export const ag2: {
  /** The function `autolog`, under the name that it has in Python. */
  readonly autolog: typeof autolog;
} = { autolog };
