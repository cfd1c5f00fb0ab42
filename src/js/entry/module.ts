/**
 * The entry for hosts that compile WebAssembly only ahead of time and hand it over as a module
 * (Cloudflare Workers; export condition `workerd`).
 */

import { initSync } from "../../wasm/mlflow_ag2.js";
import module from "../../wasm/mlflow_ag2_bg.wasm";
import { useLoader } from "../bridge/core.js";
import "../config/environment.js";

useLoader(() => initSync({ module }));

export * from "../index.js";
