/**
 * Which traces are recorded where only a part of them is wanted. It is decided when a trace begins,
 * by its id (src/trace/sampling.rs); whatever becomes part of it follows.
 */

import { loadBridge } from "../bridge/loader.js";
import { invalid } from "../util/errors.js";

let ratio = 1;
let sampledOut = 0;

/** Records this part of all traces from now on. */
export function setRatio(value: number): void {
  ratio = value;
}

/** Whether the trace that begins now is recorded. `override` stands in for the ratio that was set. */
export function admitsTrace(override?: number): boolean {
  // First of all, since with the core the environment's word is taken in.
  const bridge = loadBridge();
  const wanted = override ?? ratio;
  // All of them, unless somebody asked for less: then nobody pays for asking.
  if (bridge === undefined || wanted >= 1 || bridge.tracer.admitsTrace(wanted)) return true;
  sampledOut += 1;
  return false;
}

/** How many traces were not recorded; `stats()` shows it. */
export function sampledOutTraces(): number {
  return sampledOut;
}

/**
 * `value`, if it is a part of a whole.
 *
 * @throws MlflowAg2Error `invalid_argument` if it is no number from 0 to 1.
 */
export function checkedRatio(name: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw invalid(`\`${name}\` must be a number from 0 (no trace) to 1 (all of them), not \`${String(value)}\``);
}
