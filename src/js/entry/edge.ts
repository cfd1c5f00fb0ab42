/**
 * The entry for Vercel's edge runtime and Next.js's edge routes (export condition `edge-light`): like
 * `module.ts`, but both import a file as a compiled module only with the suffix `?module`.
 */

import module from "../../wasm/mlflow_ag2_bg.wasm?module";
import { setLoader } from "../bridge/loader.js";
import "../config/environment.js";
import { instantiate } from "./bindings.js";

setLoader(() => {
  // Next.js's own server compiles it in another realm, so that `instanceof` in the glue would fail.
  if (!(module instanceof WebAssembly.Module)) Object.setPrototypeOf(module, WebAssembly.Module.prototype);
  return instantiate(module);
});

export * from "../index.js";
