/** How many of all traces are recorded. */

import { setRatio } from "../../instrument/sampling.js";

/** What `init` can be told about sampling. */
export interface SamplingOptions {
  /**
   * The part of all traces that is recorded, from 0 to 1; decided once for each trace when it begins.
   * Default: the environment's `MLFLOW_TRACE_SAMPLING_RATIO`, else 1, all of them.
   */
  samplingRatio?: number;
}

/** Takes the option in, which has been checked. */
export function setSampling({ samplingRatio }: SamplingOptions): void {
  if (samplingRatio !== undefined) setRatio(samplingRatio);
}
