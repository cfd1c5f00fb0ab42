/**
 * The global kill switch: `disable()`, and the flags that someone outside the program can set.
 * Any one of them is enough to keep tracing off; `enable()` takes back `disable()` and nothing else.
 */

import { environment } from "./host.js";

let switchedOff = false;
let refused = false;
let forbidden: boolean | undefined;

/** What is to be switched on and off. Only what a program uses takes part, so that the rest need not be in its bundle. */
const parts = new Set<() => void>();

/** Has `follow` called whenever one of the switches below was turned. */
export function takePart(follow: () => void): void {
  parts.add(follow);
}

/** Sets or takes back the program's own switch. */
export function switchOff(off: boolean): void {
  switchedOff = off;
  for (const follow of parts) follow();
}

/** Notes whether `autolog()` was told to stop, which ends what was wrapped by hand as well. */
export function refuse(isRefused: boolean): void {
  refused = isRefused;
  for (const follow of parts) follow();
}

/** Whether hooks that somebody put by hand are to be in their places. */
export function isHookingByHand(): boolean {
  return !refused && !switchedOff;
}

/** Whether `disable()` is in force. */
export function isSwitchedOff(): boolean {
  return switchedOff;
}

/**
 * Whether anything may be traced now: nobody called `disable()` and no flag from outside is set.
 *
 * @example
 * console.log(isEnabled() ? "conversations are recorded" : "nothing is recorded");
 */
export function isEnabled(): boolean {
  return (
    !switchedOff &&
    (globalThis as { MLFLOW_AG2_DISABLED?: unknown }).MLFLOW_AG2_DISABLED !== true &&
    !forbiddenByEnvironment()
  );
}

/** Read once: asking the environment costs a system call in some hosts, and this is on the way of every hook. */
function forbiddenByEnvironment(): boolean {
  forbidden ??= isTrue(environment("MLFLOW_AG2_DISABLED")) || isTrue(environment("OTEL_SDK_DISABLED"));
  return forbidden;
}

/** OpenTelemetry's rule for boolean variables: only "true", in any case, is true. */
function isTrue(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === "true";
}
