/**
 * What `autolog()` does: adds our observer to the set that agents report to, or removes it. The agents of this
 * package find their observers in a shared set, so nothing is patched and the order of imports, agents
 * and calls does not matter; third-party libraries are hooked.
 */

import type { AgentObserver } from "../agents/observe/observer.js";
import { withCore } from "../bridge/loader.js";
import { endOpenSpans } from "../instrument/end-open-spans.js";
import {
  addLibraries,
  registerLibraryHooks,
  setLibraryHooks,
  type ThirdPartyHooks,
} from "../instrument/library-hooks.js";
import { AgentReporter } from "../instrument/agent-reporter.js";
import { sharedObservers } from "../instrument/recorders.js";
import { wakeExporter } from "../export/exporter.js";
import { observeHost } from "../export/host-events.js";
import { areManualHooksEnabled, isEnabled, setAutologDisabled, onToggle } from "../util/enablement.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { setSilent } from "../util/warn.js";

/** The options of `autolog()`, those of Python's `mlflow.ag2.autolog` (mlflow/ag2/__init__.py). */
export interface AutologOptions {
  /** Whether traces are recorded; `false` is the same as `disable: true`. Default `true`. */
  logTraces?: boolean;
  /** `true` disables recording and removes the observer. Default `false`. */
  disable?: boolean;
  /** `true` keeps every warning of the tracer off the console. Default `false`. */
  silent?: boolean;
  /**
   * Other libraries in the style of AG2 or AutoGen whose agents are to be traced: what
   * `import * as library from "…"` gives, a class, or several of them. They stay known until the program ends.
   */
  library?: object | readonly object[];
}

const AUTOLOG_OPTIONS: OptionRules<AutologOptions> = {
  logTraces: "flag",
  disable: "flag",
  silent: "flag",
  library: "any",
};

let isAutologWanted = false;
let attachedReporter: AgentObserver | undefined;

/**
 * Does what `autolog` of the public names says.
 *
 * @param hooks the hooks of third-party libraries; without them the program may have imported them.
 */
export function startAutolog(options: AutologOptions, hooks?: ThirdPartyHooks): void {
  checkOptions("autolog", options, AUTOLOG_OPTIONS);
  if (hooks !== undefined) registerLibraryHooks(hooks);
  const { logTraces = true, disable = false, silent = false, library } = options;
  setSilent(silent);
  if (library !== undefined) addLibraries(Array.isArray(library) ? library : [library]);
  isAutologWanted = logTraces && !disable;
  onToggle(updateObserver);
  setAutologDisabled(!isAutologWanted);
  wakeExporter();
}

/** Whether `autolog()` is in force. */
export function isAutologOn(): boolean {
  return isAutologWanted;
}

function updateObserver(): void {
  // Another copy of this package may have been asked to disable it.
  const isOn = isAutologWanted && areManualHooksEnabled();
  if (isOn) {
    // Load before the first conversation rather than during it, unless a flag from outside disables
    // tracing just now; such a flag can be unset at any time, so the observer stays.
    if (isEnabled()) withCore(wakeExporter);
    if (attachedReporter === undefined) {
      attachedReporter = new AgentReporter();
      sharedObservers().add(attachedReporter);
      observeHost();
    }
  } else if (attachedReporter !== undefined) {
    sharedObservers().delete(attachedReporter);
    attachedReporter = undefined;
    endOpenSpans();
  }
  setLibraryHooks(isOn);
}
