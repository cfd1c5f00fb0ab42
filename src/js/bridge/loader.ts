/**
 * Holds the loaded core, and loads it at first use. Entry files set the loader; all other modules get
 * the core here. Where the host refuses WebAssembly, that is `undefined`, one warning names the remedy,
 * and the agents run on unaffected.
 */

import { Bridge } from "./bridge.js";
import type { Core } from "./core.js";
import { invalid, MlflowAg2Error } from "../util/errors.js";
import { errorMessage } from "../util/safe-access.js";
import { warnOnce } from "../util/warn.js";
import type { WasmSource } from "./webassembly.js";

export type { WasmSource } from "./webassembly.js";

let load: (() => Core) | undefined;
let instantiate: ((wasm: WasmSource) => Core) | undefined;
const loadListeners: ((bridge: Bridge) => void)[] = [];
let bridge: Bridge | undefined;
let failure: MlflowAg2Error | undefined;

/** Sets how the core is loaded. For entry files that bring the WebAssembly. */
export function setLoader(loader: () => Core): void {
  load = loader;
}

/** Sets how the core is instantiated from WebAssembly that the program brings. For `slim`. */
export function setInstantiator(starter: (wasm: WasmSource) => Core): void {
  instantiate = starter;
}

/** Calls `listener` when the core has been loaded, to configure it. */
export function whenLoaded(listener: (bridge: Bridge) => void): void {
  loadListeners.push(listener);
}

/**
 * Sets the WebAssembly that the program brings; it is compiled at first use.
 *
 * @throws MlflowAg2Error `invalid_argument` in entries that bring their own.
 */
export function provideWasm(wasm: WasmSource): void {
  const starter = instantiate;
  if (starter === undefined) {
    throw invalid(
      "`wasm` is for `mlflow-ag2/slim`; `mlflow-ag2` brings its own: import from the one or leave out the other",
    );
  }
  load = () => starter(wasm);
  failure = undefined;
}

/** The core if it has been loaded already; does not load it. */
export function loadedBridge(): Bridge | undefined {
  return bridge;
}

/** The core, loaded now if need be; `undefined` where that fails, with one warning. Never throws. */
export function loadBridge(): Bridge | undefined {
  if (bridge !== undefined || failure !== undefined) return bridge;
  try {
    bridge = loadOrThrow();
  } catch (error) {
    failure = error as MlflowAg2Error;
    warnOnce(failure.code, failure.message);
    return undefined;
  }
  for (const listener of loadListeners) listener(bridge);
  return bridge;
}

/** Why there is no core; `undefined` if there is one or it has not been needed yet. */
export function loadError(): MlflowAg2Error | undefined {
  return failure;
}

function loadOrThrow(): Bridge {
  if (load === undefined) {
    throw new MlflowAg2Error(
      "wasm_not_given",
      "the tracing core is missing: import `mlflow-ag2` instead of `mlflow-ag2/slim`, or call `init({ wasm })` first",
    );
  }
  try {
    return new Bridge(load());
  } catch (error) {
    throw new MlflowAg2Error(
      "wasm_unavailable",
      "this host refuses WebAssembly, so nothing is traced: allow it with `script-src 'wasm-unsafe-eval'` in the " +
        `content security policy (${errorMessage(error)})`,
      { cause: error },
    );
  }
}
