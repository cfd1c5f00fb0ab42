/**
 * Whether anything is traced: `disable()`, `autolog({ disable: true })`, and the flags that are set from
 * outside the program. Any one of them disables tracing; `enable()` reverts `disable()` and nothing else.
 */

import { environmentVariable } from "./host.js";

let disabled = false;
let autologDisabled = false;
let disabledByEnvironment: boolean | undefined;

/** Called after each change. Hooks register themselves, so that unused ones need not be in a program's bundle. */
const listeners = new Set<() => void>();

/** Calls `listener` whenever one of the two settings below changes. */
export function onToggle(listener: () => void): void {
  listeners.add(listener);
}

/** Sets or reverts the program's own `disable()`. */
export function setDisabled(value: boolean): void {
  disabled = value;
  for (const listener of listeners) listener();
}

/** Sets whether `autolog({ disable: true })` is in force, which disables manual hooks as well. */
export function setAutologDisabled(value: boolean): void {
  autologDisabled = value;
  for (const listener of listeners) listener();
}

/** Whether hooks that the program applied manually (`wrapAgent` and its kin) are to be in place. */
export function areManualHooksEnabled(): boolean {
  return !autologDisabled && !disabled;
}

/** Whether `disable()` is in force. */
export function isDisabled(): boolean {
  return disabled;
}

/**
 * Whether anything may be traced now: neither `disable()` nor a flag from outside is in force.
 *
 * @example
 * console.log(isEnabled() ? "conversations are recorded" : "nothing is recorded");
 */
export function isEnabled(): boolean {
  return (
    !disabled &&
    (globalThis as { MLFLOW_AG2_DISABLED?: unknown }).MLFLOW_AG2_DISABLED !== true &&
    !isDisabledByEnvironment()
  );
}

/** The environment, read once: in some hosts a read costs a system call, and every hook asks this. */
function isDisabledByEnvironment(): boolean {
  disabledByEnvironment ??=
    isTrueVariable(environmentVariable("MLFLOW_AG2_DISABLED")) ||
    isTrueVariable(environmentVariable("OTEL_SDK_DISABLED"));
  return disabledByEnvironment;
}

/** OpenTelemetry's rule for boolean variables: only "true", in any case, is true. */
function isTrueVariable(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === "true";
}
