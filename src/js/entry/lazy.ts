/**
 * `mlflow-ag2/lazy`: the WebAssembly is a chunk of its own, which a bundler that splits makes of the dynamic import.
 * Until it has come, calls of hooks are recorded. The hooks of third-party libraries are left out.
 */

import { RecordingBridge } from "../bridge/recording-bridge.js";
import { setCompiler, setRecording } from "../bridge/loader.js";
import "../config/environment.js";
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
