/**
 * The default entry: the WebAssembly is inlined as text, and compiled at first use, synchronously. No
 * file, no fetch, no configuration.
 */

import { wasmBytes, wasmFrequent, wasmText } from "../../wasm/inline.js";
import { instantiate } from "./bindings.js";
import { unpack } from "./unpack.js";
import { setLoader } from "../bridge/loader.js";
import "../config/environment.js";

setLoader(() => instantiate(unpack(wasmText, wasmFrequent, wasmBytes)));

export * from "../index.js";
