/**
 * `mlflow-ag2/slim`: loads nothing. The program brings the WebAssembly itself, with
 * `init({ wasm })`, as bytes or as a compiled module (`mlflow-ag2/mlflow_ag2.wasm` is the file).
 */

import { initSync, Tracer } from "../../wasm/mlflow_ag2.js";
import { useStarter } from "../core.js";

useStarter((wasm) => ({ memory: initSync({ module: wasm as BufferSource | WebAssembly.Module }).memory, tracer: new Tracer() }));

export * from "../index.js";
