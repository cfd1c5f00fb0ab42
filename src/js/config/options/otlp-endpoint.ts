/** An OTLP endpoint in place of an MLflow server. */

import type { Bridge } from "../../bridge/bridge.js";
import { invalid, MlflowAg2Error } from "../../util/errors.js";

/** The destination of spans that are not for an MLflow server. */
export interface OtlpEndpointOptions {
  /**
   * The whole URL at which a collector accepts OTLP over HTTP in protobuf. Spans are sent there as they
   * are; there is no experiment, and traces are read back from memory alone. Replaces a tracking URI,
   * and a tracking URI that is set later replaces it.
   *
   * @example
   * init({ otlpEndpoint: "http://localhost:4318/v1/traces" });
   */
  otlpEndpoint?: string;
}

/**
 * A function that passes the endpoint to the core; `undefined` if none is given.
 *
 * @throws MlflowAg2Error `invalid_argument`; the function throws `invalid_otlp_endpoint`.
 */
export function readOtlpEndpoint(
  { otlpEndpoint }: OtlpEndpointOptions,
  trackingUri: string | undefined,
): ((bridge: Bridge) => void) | undefined {
  if (otlpEndpoint === undefined) return undefined;
  if (typeof otlpEndpoint !== "string") throw invalid("`otlpEndpoint` must be text, the whole address of the endpoint");
  if (trackingUri !== undefined) throw invalid("`otlpEndpoint` takes the place of `trackingUri`: give one of them");
  return (bridge) => {
    const wrong = bridge.core.setOtlpEndpoint(otlpEndpoint);
    if (wrong !== undefined)
      throw new MlflowAg2Error("invalid_otlp_endpoint", wrong.replace("tracking URI", "OTLP endpoint"));
  };
}
