/**
 * `mlflow-ag2/slim`: loads nothing. The program brings the WebAssembly itself, with
 * `init({ wasm })`, as bytes or as a compiled module (`mlflow-ag2/mlflow_ag2.wasm` is the file).
 */

import { initSync } from "../../wasm/mlflow_ag2.js";
import { useStarter } from "../bridge/core.js";
import "../config/environment.js";

useStarter((wasm) => initSync({ module: wasm as BufferSource | WebAssembly.Module }));

export * from "../index.js";
