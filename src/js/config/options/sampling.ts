/** The sampling ratio. */

import { setSamplingRatio } from "../../instrument/sampling.js";

/** The options of `init` for sampling. */
export interface SamplingOptions {
  /**
   * The ratio of traces that are recorded, from 0 to 1; decided once for each trace when it starts.
   * Default: the environment's `MLFLOW_TRACE_SAMPLING_RATIO`, else 1, all of them.
   */
  samplingRatio?: number;
}

/** Applies the option, which has been validated. */
export function setSampling({ samplingRatio }: SamplingOptions): void {
  if (samplingRatio !== undefined) setSamplingRatio(samplingRatio);
}
