/**
 * The default entry: the WebAssembly is inlined as text, and compiled at first use: synchronously, or, in a page that
 * does not need it yet, off the main thread. No file, no fetch, no configuration.
 */

import { wasmBytes, wasmFrequent, wasmText } from "../../wasm/inline.js";
import { instantiate } from "./bindings.js";
import { unpack } from "./unpack.js";
import { setCompiler, setLoader } from "../bridge/loader.js";
import "../config/environment.js";

const bytes = (): Uint8Array<ArrayBuffer> => unpack(wasmText, wasmFrequent, wasmBytes);

setLoader(() => instantiate(bytes()));
if (typeof document === "object") {
  setCompiler(async () => {
    const module = await WebAssembly.compile(bytes());
    return () => instantiate(module);
  });
}

export * from "../index.js";
