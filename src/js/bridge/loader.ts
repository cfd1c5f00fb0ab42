/**
 * Holds the loaded core, and loads it at first use. Entry files say how; everything else asks here.
 * Where the host refuses WebAssembly, everybody gets `undefined`, one warning names the cure, and
 * the agents run on untouched.
 */

import { Bridge } from "./bridge.js";
import type { Core } from "./core.js";
import { invalid, MlflowAg2Error } from "../util/errors.js";
import { reason } from "../util/unknowns.js";
import { warnOnce } from "../util/warn.js";
import type { WasmSource } from "./webassembly.js";

export type { WasmSource } from "./webassembly.js";

let load: (() => Core) | undefined;
let start: ((wasm: WasmSource) => Core) | undefined;
const onLoad: ((bridge: Bridge) => void)[] = [];
let bridge: Bridge | undefined;
let refusal: MlflowAg2Error | undefined;

/** Tells how the core gets in. For entry files that know where the WebAssembly is. */
export function setLoader(loader: () => Core): void {
  load = loader;
}

/** Tells how the core starts from WebAssembly that the program brings. For `slim`. */
export function setInstantiator(starter: (wasm: WasmSource) => Core): void {
  start = starter;
}

/** What to do with a core when it has been loaded: give it its configuration. */
export function whenLoaded(listener: (bridge: Bridge) => void): void {
  onLoad.push(listener);
}

/**
 * Takes the WebAssembly that the program brings; it is compiled at first use.
 *
 * @throws MlflowAg2Error `invalid_argument` in entries that bring their own.
 */
export function provideWasm(wasm: WasmSource): void {
  const starter = start;
  if (starter === undefined) {
    throw invalid(
      "`wasm` is for `mlflow-ag2/slim`; `mlflow-ag2` brings its own: import from the one or leave out the other",
    );
  }
  load = () => starter(wasm);
  refusal = undefined;
}

/** The core if it has been loaded already; asking does not load it. */
export function loadedBridge(): Bridge | undefined {
  return bridge;
}

/** The core, loaded now if need be; `undefined` where it cannot be had, with one warning. Never throws. */
export function loadBridge(): Bridge | undefined {
  if (bridge !== undefined || refusal !== undefined) return bridge;
  try {
    bridge = loadOrThrow();
  } catch (error) {
    refusal = error as MlflowAg2Error;
    warnOnce(refusal.code, refusal.message);
    return undefined;
  }
  for (const listener of onLoad) listener(bridge);
  return bridge;
}

/** Why there is no core; `undefined` if there is one or nobody has asked for it yet. */
export function loadError(): MlflowAg2Error | undefined {
  return refusal;
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
    const said = reason(error);
    throw new MlflowAg2Error(
      "wasm_unavailable",
      `this host refuses WebAssembly, so nothing is traced: allow it with \`script-src 'wasm-unsafe-eval'\` in the content security policy (${said})`,
      { cause: error },
    );
  }
}
