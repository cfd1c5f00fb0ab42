/**
 * Holds the loaded core, and loads it at first use. Entry files set the loader; all other modules get
 * the core here. Where the host refuses WebAssembly, that is `undefined`, one warning names the remedy,
 * and the agents run on unaffected.
 */

import { Bridge } from "./bridge.js";
import type { Core } from "./core.js";
import { guardedCore } from "./guarded-core.js";
import { invalid, MlflowAg2Error } from "../util/errors.js";
import { setFailureListener } from "../util/guard.js";
import { errorMessage } from "../util/safe-access.js";
import { warnOnce } from "../util/warn.js";
import type { WasmSource } from "./webassembly.js";

let load: (() => Core) | undefined;
let instantiate: ((wasm: WasmSource) => Core) | undefined;
const loadListeners: ((bridge: Bridge) => void)[] = [];
let bridge: Bridge | undefined;
let failure: MlflowAg2Error | undefined;
/** The core without its boundary. */
let core: Core | undefined;

/** What the core needs of the host. */
const NEEDED = ["WebAssembly", "TextEncoder", "TextDecoder"];

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

/**
 * Ends tracing if `error` is how the core has trapped: what it had begun is half done, so that nothing may be read
 * from it any more. Returns whether that is so. Never throws.
 */
export function coreFailed(error: unknown): boolean {
  if (bridge === undefined) return failure !== undefined;
  if (!isTrap(error)) return false;
  bridge = undefined;
  failure = new MlflowAg2Error(
    "core_failed",
    "the tracing core has failed, so tracing has ended, and what was not delivered is lost: if memory was short, " +
      `lower \`maxBufferBytes\` and \`maxOpenBytes\` (${errorMessage(error)})`,
    { cause: error },
  );
  warnOnce(failure.code, failure.message);
  for (const listener of endListeners) listener();
  return true;
}

/** `promise`, or `undefined` once the core has failed, which would never settle it. */
export function unlessCoreFails<T>(promise: Promise<T> | undefined): Promise<T | undefined> {
  let stop = (): void => {};
  const ended = new Promise<undefined>((resolve) => endListeners.add((stop = () => resolve(undefined))));
  if (bridge === undefined) stop();
  return Promise.race([promise, ended]).finally(() => endListeners.delete(stop));
}

const endListeners = new Set<() => void>();

/** Whether the core has ended by `error`: the engine's own for traps, or the end of the stack within the core. */
function isTrap(error: unknown): boolean {
  try {
    const { name } = error as { name?: unknown };
    if (name === "RuntimeError") return true;
    if (name !== "RangeError" && name !== "InternalError") return false;
    // A core that was left locked traps.
    core?.lastTraceId();
    return false;
  } catch {
    return true;
  }
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
  const missing = NEEDED.find((name) => (globalThis as Record<string, unknown>)[name] === undefined);
  if (missing !== undefined) {
    throw new MlflowAg2Error(
      "host_unsupported",
      `this host has no \`${missing}\`, so nothing is traced: run in one that has it, or set it on \`globalThis\` ` +
        "before the first trace (Node's `node:util` has the text coders, which Jest's jsdom leaves out)",
    );
  }
  try {
    core = load();
    setFailureListener(coreFailed);
    return new Bridge(guardedCore(core, coreFailed));
  } catch (error) {
    throw new MlflowAg2Error(
      "wasm_unavailable",
      "this host refuses WebAssembly, so nothing is traced: allow it with `script-src 'wasm-unsafe-eval'` in the " +
        `content security policy (${errorMessage(error)})`,
      { cause: error },
    );
  }
}
