/**
 * `autolog()` and its undoing: puts our observer among those that agents report to, or takes it
 * out again. Our agents find their observers in a shared set, so nothing of theirs is patched and the
 * order of imports, agents and calls does not matter; libraries that know nothing of it are hooked.
 */

import type { AgentObserver } from "./agents/observer.js";
import { nowMs } from "./clock.js";
import { core, loadedCore } from "./core.js";
import { MlflowAg2Error } from "./errors.js";
import { guard } from "./guard.js";
import { addLibraries, switchLibraries } from "./instrument/foreign/libraries.js";
import { switchWrapped } from "./instrument/foreign/wrapped.js";
import { AgentReporter } from "./instrument/observe.js";
import { forgetScopes } from "./instrument/scopes.js";
import { tracesClosed } from "./lifecycle/changes.js";
import { watchHost } from "./lifecycle/host-events.js";
import { deliverSoon, type FlushResult } from "./lifecycle/deliver.js";
import { deliverLast } from "./lifecycle/shutdown.js";
import { isEnabled, isSwitchedOff, switchOff } from "./switch.js";
import { setSilent } from "./warn.js";

/** What `autolog()` can be told; the same as Python's `mlflow.ag2.autolog` (mlflow/ag2/__init__.py). */
export interface AutologOptions {
  /** Whether traces are recorded; `false` is the same as `disable: true`. Default `true`. */
  logTraces?: boolean;
  /** `true` switches recording off and forgets the observer. Default `false`. */
  disable?: boolean;
  /** `true` keeps every warning of the tracer off the console. Default `false`. */
  silent?: boolean;
  /**
   * Other libraries in the style of AG2 or AutoGen whose agents are to be traced: what
   * `import * as library from "…"` gives, a class, or several of them. They stay known until the program ends.
   */
  library?: object | readonly object[];
}

// The key that src/js/agents/observer.ts documents; the tracer must not import the agents' values.
const OBSERVERS = Symbol.for("mlflow-ag2.agent-observers");

let wanted = false;
/** Whether `autolog()` was told to stop, which ends what was wrapped by hand as well. */
let isRefused = false;
let attached: AgentObserver | undefined;

/**
 * Records every conversation of AG2-style agents from now on, whether the agents exist already or
 * not. Takes effect before it returns; calling it again changes nothing but the options given.
 *
 * @throws MlflowAg2Error `invalid_argument` for options it does not know.
 * @example
 * autolog();
 * autolog({ disable: true });
 */
export function autolog(options: AutologOptions = {}): void {
  const { logTraces = true, disable: off = false, silent = false, library } = checked(options);
  setSilent(silent);
  if (library !== undefined) addLibraries(Array.isArray(library) ? library : [library]);
  wanted = logTraces && !off;
  isRefused = !wanted;
  apply();
}

/**
 * The global kill switch: stops all tracing at once, whatever `autolog()` says, until `enable()`.
 *
 * @example
 * if (new URLSearchParams(location.search).has("untraced")) disable();
 */
export function disable(): void {
  switchOff(true);
  apply();
}

/**
 * Ends tracing for good: as `disable()`, then delivers what waits. What has not arrived when the time is up
 * is dropped and counted in `stats().dropped.shutdown`; what `persist` keeps stays kept. Never rejects.
 * After `enable()` tracing goes on.
 *
 * @param options `timeoutMs`: how long to wait, in milliseconds; default 10,000.
 * @example
 * await shutdown({ timeoutMs: 2000 });
 */
export function shutdown({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<FlushResult> {
  disable();
  return deliverLast(timeoutMs);
}

/**
 * Takes back `disable()`. Tracing goes on if `autolog()` had asked for it and no flag from outside forbids it.
 *
 * @example
 * disable();
 * const secret = await user.initiateChat(assistant, { message: "Not for the record." });
 * enable();
 */
export function enable(): void {
  switchOff(false);
  apply();
}

function apply(): void {
  if (wanted && !isSwitchedOff()) {
    // Load before the first conversation rather than in the middle of it, unless a flag from outside
    // forbids tracing just now; such a flag can be taken back at any time, so the observer stays.
    if (isEnabled()) core();
    if (attached === undefined) {
      attached = new AgentReporter();
      sharedObservers().add(attached);
      watchHost();
    }
  } else if (attached !== undefined || isSwitchedOff()) {
    if (attached !== undefined) sharedObservers().delete(attached);
    attached = undefined;
    // Nobody will report the end of what is still open.
    guard(() => loadedCore()?.tracer.closeOpen(nowMs()));
    forgetScopes();
    tracesClosed();
  }
  switchLibraries(wanted && !isSwitchedOff());
  switchWrapped(!isRefused && !isSwitchedOff());
  deliverSoon();
}

function sharedObservers(): Set<AgentObserver> {
  return ((globalThis as { [OBSERVERS]?: Set<AgentObserver> })[OBSERVERS] ??= new Set());
}

function checked(options: AutologOptions): AutologOptions {
  for (const [name, value] of Object.entries(options)) {
    if (name === "library") continue;
    if (name !== "logTraces" && name !== "disable" && name !== "silent") {
      throw new MlflowAg2Error("invalid_argument", `autolog has no option \`${name}\`: it takes logTraces, disable, silent and library`);
    }
    if (value !== undefined && typeof value !== "boolean") {
      throw new MlflowAg2Error("invalid_argument", `the option \`${name}\` of autolog must be true or false, not \`${String(value)}\``);
    }
  }
  return options;
}
