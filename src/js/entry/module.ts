/**
 * The entry for hosts that compile WebAssembly only ahead of time and import it as a module
 * (Cloudflare Workers; export condition `workerd`).
 */

import module from "../../wasm/mlflow_ag2_bg.wasm";
import { setLoader } from "../bridge/loader.js";
import "../config/environment.js";
import { instantiate } from "./bindings.js";

setLoader(() => instantiate(module));

export * from "../index.js";
