/**
 * The entry of every host without a better one: the WebAssembly travels inside the package as
 * text, and is compiled at first use, synchronously. No file, no fetch, no configuration.
 */

import { initSync } from "../../wasm/mlflow_ag2.js";
import { wasmBytes, wasmFrequent, wasmText } from "../../wasm/inline.js";
import { unpack } from "./unpack.js";
import { useLoader } from "../bridge/core.js";
import "../config/environment.js";

useLoader(() => initSync({ module: unpack(wasmText, wasmFrequent, wasmBytes) }));

export * from "../index.js";
