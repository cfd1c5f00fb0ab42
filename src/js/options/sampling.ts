/** How many of all traces are recorded: the option of `init`, and MLflow's own environment variable. */

import { MlflowAg2Error } from "../errors.js";
import { environment } from "../host.js";
import { checkedRatio, setRatio } from "../instrument/sampling.js";
import { warnOnce } from "../warn.js";

const VARIABLE = "MLFLOW_TRACE_SAMPLING_RATIO";

/** What `init` can be told about sampling. */
export interface SamplingOptions {
  /**
   * The part of all traces that is recorded, from 0 to 1; decided once for each trace when it begins.
   * Default: the environment's `MLFLOW_TRACE_SAMPLING_RATIO`, else 1, all of them.
   */
  samplingRatio?: number;
}

/** Whether the program has said what it wants: then the environment is not asked. */
let isSet = false;

/**
 * Takes the option in.
 *
 * @throws MlflowAg2Error `invalid_argument` if it is no number from 0 to 1.
 */
export function setSampling({ samplingRatio }: SamplingOptions): void {
  if (samplingRatio === undefined) return;
  setRatio(checkedRatio("samplingRatio", samplingRatio));
  isSet = true;
}

/** Takes the environment's word; a wrong one is warned about and the default stays, as in Python (mlflow/tracing/provider.py, `_get_trace_sampler`). */
export function readSamplingEnvironment(): void {
  const text = environment(VARIABLE)?.trim();
  if (isSet || !text) return;
  try {
    setRatio(checkedRatio(VARIABLE, Number(text)));
  } catch (error) {
    if (error instanceof MlflowAg2Error) warnOnce("invalid_sampling_ratio", `${error.message}; all traces are recorded`);
  }
}
