/**
 * The entry of every host without a better one: the WebAssembly travels inside the package as
 * text, and is compiled at first use, synchronously. No file, no fetch, no configuration.
 */

import { initSync } from "../../wasm/mlflow_ag2.js";
import { wasmBytes, wasmDeflated } from "../../wasm/inline.js";
import { bytesOf } from "./base64.js";
import { inflate } from "./inflate.js";
import { useLoader } from "../core.js";
import "../environment.js";

useLoader(() => initSync({ module: inflate(bytesOf(wasmDeflated), wasmBytes) }));

export * from "../index.js";
