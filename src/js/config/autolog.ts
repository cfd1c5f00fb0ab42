/**
 * `autolog()`: puts our observer among those that agents report to, or takes it out again. Our agents
 * find their observers in a shared set, so nothing of theirs is patched and the order of imports,
 * agents and calls does not matter; libraries that know nothing of it are hooked.
 */

import type { AgentObserver } from "../agents/observe/observer.js";
import { loadBridge } from "../bridge/loader.js";
import { invalid } from "../util/errors.js";
import { closeOpen } from "../instrument/close-open.js";
import { addLibraries, switchLibraries } from "../instrument/third-party/libraries.js";
import { AgentReporter } from "../instrument/observe.js";
import { wakeExporter } from "../export/exporter.js";
import { watchHost } from "../export/host-events.js";
import { isEnabled, isSwitchedOff, refuse, takePart } from "../util/switch.js";
import { setSilent } from "../util/warn.js";

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
  takePart(follow);
  refuse(!wanted);
  wakeExporter();
}

function follow(): void {
  const isOn = wanted && !isSwitchedOff();
  if (isOn) {
    // Load before the first conversation rather than in the middle of it, unless a flag from outside
    // forbids tracing just now; such a flag can be taken back at any time, so the observer stays.
    if (isEnabled()) loadBridge();
    if (attached === undefined) {
      attached = new AgentReporter();
      sharedObservers().add(attached);
      watchHost();
    }
  } else if (attached !== undefined) {
    sharedObservers().delete(attached);
    attached = undefined;
    closeOpen();
  }
  switchLibraries(isOn);
}

function sharedObservers(): Set<AgentObserver> {
  return ((globalThis as { [OBSERVERS]?: Set<AgentObserver> })[OBSERVERS] ??= new Set());
}

function checked(options: AutologOptions): AutologOptions {
  for (const [name, value] of Object.entries(options)) {
    if (name === "library") continue;
    if (name !== "logTraces" && name !== "disable" && name !== "silent") {
      throw invalid(`autolog has no option \`${name}\`: it takes logTraces, disable, silent and library`);
    }
    if (value !== undefined && typeof value !== "boolean") {
      throw invalid(`the option \`${name}\` of autolog must be true or false, not \`${String(value)}\``);
    }
  }
  return options;
}
