/**
 * Whether anything is traced: `disable()`, `autolog({ disable: true })`, and the flags that are set from
 * outside the program. Any one of them disables tracing; `enable()` reverts `disable()` and nothing else.
 */

import { isFlagSet } from "./flags.js";
import { guard } from "./guard.js";
import { environmentVariable } from "./host.js";
import { shared } from "./shared.js";

/** The settings of the program. All copies of this package in the realm share them: any of them may be asked. */
interface Enablement {
  disabled: boolean;
  autologDisabled: boolean;
  /** Called after each change. Hooks register themselves, so that unused ones need not be in a program's bundle. */
  readonly listeners: Set<() => void>;
}

const settings = shared<Enablement>("enablement", () => ({
  disabled: false,
  autologDisabled: false,
  listeners: new Set(),
}));

let disabledByVariable: string | undefined;

/** Calls `listener` whenever one of the two settings below changes, whichever copy of this package changes it. */
export function onToggle(listener: () => void): void {
  settings.listeners.add(listener);
}

/** Sets or reverts the program's own `disable()`. */
export function setDisabled(value: boolean): void {
  settings.disabled = value;
  notifyListeners();
}

/** Sets whether `autolog({ disable: true })` is in force, which disables manual hooks as well. */
export function setAutologDisabled(value: boolean): void {
  settings.autologDisabled = value;
  notifyListeners();
}

function notifyListeners(): void {
  for (const listener of settings.listeners) guard(listener);
}

/** Whether hooks that the program applied manually (`wrapAgent` and its kin) are to be in place. */
export function areManualHooksEnabled(): boolean {
  return !settings.autologDisabled && !settings.disabled;
}

/** Whether `disable()` is in force. */
export function isDisabled(): boolean {
  return settings.disabled;
}

/**
 * Whether anything may be traced now: neither `disable()` nor a flag from outside is in force.
 *
 * @example
 * console.log(isEnabled() ? "conversations are recorded" : "nothing is recorded");
 */
export function isEnabled(): boolean {
  return !settings.disabled && !isDisabledByPage() && variableThatDisables() === "";
}

/** What disables tracing, and how to revert it; `undefined` if nothing does. */
export function disabledBy(): string | undefined {
  if (isDisabledByPage()) return "disabled by globalThis.MLFLOW_AG2_DISABLED; delete it";
  const variable = variableThatDisables();
  if (variable !== "") return `disabled by ${variable}; unset it and start again`;
  if (settings.disabled) return "disable() was called; call `enable()`";
  return settings.autologDisabled ? "autolog({ disable: true }) was called; call `autolog()`" : undefined;
}

/** The flag that a page sets; read each time, since it may be set at any moment. */
function isDisabledByPage(): boolean {
  try {
    const { MLFLOW_AG2_DISABLED: flag } = globalThis as { MLFLOW_AG2_DISABLED?: unknown };
    return flag !== undefined && isFlagSet("globalThis.MLFLOW_AG2_DISABLED", flag);
  } catch {
    return true;
  }
}

/**
 * The environment variable that disables tracing; "" if none does. Read once: in some hosts a read costs a system call,
 * and every hook asks this.
 */
function variableThatDisables(): string {
  return (disabledByVariable ??= isFlagSet("MLFLOW_AG2_DISABLED", environmentVariable("MLFLOW_AG2_DISABLED"))
    ? "MLFLOW_AG2_DISABLED"
    : isFlagSet("OTEL_SDK_DISABLED", environmentVariable("OTEL_SDK_DISABLED"))
      ? "OTEL_SDK_DISABLED"
      : "");
}
