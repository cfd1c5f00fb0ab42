/**
 * `mlflow-ag2/slim`: loads nothing. The program provides the WebAssembly itself, with
 * `init({ wasm })`, as bytes or as a compiled module (`mlflow-ag2/mlflow_ag2.wasm` is the file).
 */

import { setInstantiator } from "../bridge/loader.js";
import "../config/environment.js";
import { instantiate } from "./bindings.js";

setInstantiator(instantiate);

export * from "../index.js";
