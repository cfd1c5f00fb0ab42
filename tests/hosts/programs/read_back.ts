/** Reads a trace that another program has left in the server. */

import * as mlflow from "mlflow-ag2";
import { describeTrace, report, settings } from "./host.js";

const { trackingUri, traceId } = settings();

mlflow.setTrackingUri(trackingUri);
const trace = await mlflow.getTrace(traceId);
report({
  trace: describeTrace(trace),
  preview: trace?.info.requestPreview,
  experimentId: trace?.info.experimentId,
  unknown: await mlflow.getTrace(`tr-${"0".repeat(32)}`),
});
