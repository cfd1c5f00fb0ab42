/**
 * Holds the loaded core, and loads it at first use. Entry files set the loader; all other modules get
 * the core here. Where the host refuses WebAssembly, that is `undefined`, one warning names the remedy,
 * and the agents run on unaffected.
 *
 * In a page the module is compiled off the main thread as soon as tracing is configured or switched on. Settings wait
 * for it. Nothing else does: a caller that needs the core before gets it at once, compiled synchronously, with these
 * settings. Only `mlflow-ag2/lazy` cannot give it at once: there calls of hooks are recorded until the core is loaded.
 */

import { Bridge } from "./bridge.js";
import type { Core } from "./core.js";
import { guardedCore } from "./guarded-core.js";
import { invalid, MlflowAg2Error } from "../util/errors.js";
import { guard, setFailureListener } from "../util/guard.js";
import { errorMessage } from "../util/safe-access.js";
import { warnOnce } from "../util/warn.js";
import type { WasmSource } from "./webassembly.js";

type Action = (bridge: Bridge) => void;

/** A stand-in for the core that records the calls of hooks. */
interface Recording extends Bridge {
  /** The number of spans that were started. */
  readonly started: number;
  /** The number of spans that were not, since too much was recorded. */
  readonly refused: number;
}

let load: (() => Core) | undefined;
let compile: (() => Promise<() => Core>) | undefined;
let instantiate: ((wasm: WasmSource) => Core) | undefined;
const loadListeners: Action[] = [];
const recordingListeners: Action[] = [];
/** What waits for the core while it is compiled; `undefined` if it is not being compiled. */
let waiting: ((bridge: Bridge | undefined) => void)[] | undefined;
let bridge: Bridge | undefined;
let failure: MlflowAg2Error | undefined;
/** The core without its boundary. */
let core: Core | undefined;
let makeRecording: ((record: (replay: Action) => void) => Recording) | undefined;
let recording: Recording | undefined;
/** Spans that were never passed to the core. */
let lostSpans = 0;

/** What the core needs of the host. */
const NEEDED = ["WebAssembly", "TextEncoder", "TextDecoder"];

/** Sets how the core is loaded. For entry files that bring the WebAssembly. */
export function setLoader(loader: () => Core): void {
  load = loader;
}

/** Sets how the core is compiled off the main thread; the promise is for a loader that does the rest. For pages. */
export function setCompiler(compiler: () => Promise<() => Core>): void {
  compile = compiler;
}

/** Sets what records the calls of hooks until the core has come; `compiler` brings it. For `lazy`. */
export function setRecording(make: (record: (replay: Action) => void) => Recording): void {
  makeRecording = make;
}

/** Sets how the core is instantiated from WebAssembly that the program brings. For `slim`. */
export function setInstantiator(starter: (wasm: WasmSource) => Core): void {
  instantiate = starter;
}

/** Calls `listener` when the core has been loaded, to configure it. */
export function whenLoaded(listener: Action): void {
  loadListeners.push(listener);
}

/** Calls `listener` before the first call is recorded, with what must hold from then on. */
export function whenRecording(listener: Action): void {
  recordingListeners.push(listener);
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

/** The core if it has been loaded, or is being compiled: then it is loaded now, unless it has to come first. */
export function requestedBridge(): Bridge | undefined {
  return waiting === undefined || isCoreAwaited() ? bridge : loadBridge();
}

/** As `requestedBridge`, once the core has come. */
export async function arrivedBridge(): Promise<Bridge | undefined> {
  return isCoreAwaited() ? new Promise(withCore) : requestedBridge();
}

/** What hooks report to: the core, or the recording of what it will get. Loads nothing. */
export function reportedBridge(): Bridge | undefined {
  return bridge ?? recording;
}

/** Whether the core has to come first, and is on its way. */
export function isCoreAwaited(): boolean {
  return waiting !== undefined && makeRecording !== undefined;
}

/** Spans that the core does not know of: those that wait for it, and those that are lost to it. */
export function recordedSpans(): { readonly waiting: number; readonly lost: number } {
  return { waiting: recording?.started ?? 0, lost: lostSpans + (recording?.refused ?? 0) };
}

/**
 * Calls `action` with the core, or with `undefined` where the host refuses it: now if it is loaded or the host has no
 * main thread to keep free, else once it is compiled. Actions are called in order, before any other caller gets the
 * core.
 *
 * @throws whatever `action` throws, if it is called now.
 */
export function withCore(action: (bridge: Bridge | undefined) => void): void {
  if (bridge !== undefined || compile === undefined || failure !== undefined) {
    action(loadBy(load));
  } else if (waiting !== undefined) {
    waiting.push(action);
  } else {
    waiting = [action];
    // In a task of its own: the page goes on first.
    setTimeout(compileCore, 0, compile);
  }
}

async function compileCore(compiler: () => Promise<() => Core>): Promise<void> {
  if (waiting === undefined) return;
  let loader: () => Core;
  try {
    loader = await compiler();
  } catch (error) {
    loader = () => {
      throw error;
    };
  }
  // A caller may have needed the core meanwhile.
  if (waiting !== undefined) loadBy(loader);
}

/**
 * The core, loaded now if need be, or the recording of what it will get; `undefined` where that fails, with one
 * warning. Never throws.
 */
export function loadBridge(): Bridge | undefined {
  if (makeRecording === undefined || bridge !== undefined || failure !== undefined) return loadBy(load);
  if (recording === undefined) {
    withCore(() => {});
    const calls = waiting;
    recording = makeRecording((replay) => calls?.push((loaded) => loaded && replay(loaded)));
    for (const listener of recordingListeners) listener(recording);
  }
  return recording;
}

function loadBy(loader: (() => Core) | undefined): Bridge | undefined {
  if (bridge !== undefined || failure !== undefined) return bridge;
  const actions = waiting ?? [];
  waiting = undefined;
  try {
    bridge = loadOrThrow(loader);
  } catch (error) {
    failure = error as MlflowAg2Error;
    warnOnce(failure.code, failure.message);
  }
  if (bridge !== undefined) for (const listener of loadListeners) listener(bridge);
  lostSpans = (recording?.refused ?? 0) + (bridge === undefined ? (recording?.started ?? 0) : 0);
  recording = undefined;
  for (const action of actions) guard(() => action(bridge));
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

function loadOrThrow(loader: (() => Core) | undefined): Bridge {
  if (loader === undefined) {
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
    core = loader();
    setFailureListener(coreFailed);
    return new Bridge(guardedCore(core, coreFailed));
  } catch (error) {
    if (error instanceof MlflowAg2Error) throw error;
    throw new MlflowAg2Error(
      "wasm_unavailable",
      "this host refuses WebAssembly, so nothing is traced: allow it with `script-src 'wasm-unsafe-eval'` in the " +
        `content security policy (${errorMessage(error)})`,
      { cause: error },
    );
  }
}
