/**
 * The sampler: it decides when a trace starts, by its id (src/trace/sampling.rs); all spans of the trace
 * follow that decision.
 */

import { loadBridge } from "../bridge/loader.js";
import { invalid } from "../util/errors.js";

let ratio = 1;
let unsampledCount = 0;

/** Sets the ratio of traces that are recorded. */
export function setSamplingRatio(value: number): void {
  ratio = value;
}

/** Whether the trace that starts now is recorded. `override` takes precedence over the ratio that was set. */
export function shouldSample(override?: number): boolean {
  // First, since loading the core applies the environment variables.
  const bridge = loadBridge();
  const effectiveRatio = override ?? ratio;
  // Without sampling the core need not be asked.
  if (bridge === undefined || effectiveRatio >= 1 || bridge.tracer.shouldSample(effectiveRatio)) return true;
  unsampledCount += 1;
  return false;
}

/** How many traces were not recorded; shown by `stats()`. */
export function sampledOutTraces(): number {
  return unsampledCount;
}

/**
 * `value`, if it is a ratio.
 *
 * @throws MlflowAg2Error `invalid_argument` if it is not a number from 0 to 1.
 */
export function checkedSamplingRatio(name: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw invalid(`\`${name}\` must be a number from 0 (no trace) to 1 (all of them), not \`${String(value)}\``);
}
