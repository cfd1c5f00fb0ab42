/** Waits for its experiment and for nothing else. */

import * as mlflow from "mlflow-ag2";

const [, , trackingUri = "", experiment = ""] = process.argv;

mlflow.setTrackingUri(trackingUri);
let outcome: unknown;
try {
  outcome = await mlflow.setExperiment(experiment);
} catch (error) {
  outcome = mlflow.MlflowAg2Error.is(error) ? { code: error.code } : { unexpected: String(error) };
}
console.log(`RESULT ${JSON.stringify(outcome)}`);
