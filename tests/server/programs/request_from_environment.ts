/** Sends one trace with the settings of the environment, without any option. */

import * as mlflow from "mlflow-ag2";

mlflow.withSpan(() => "done", { name: "one span" });
const { delivered } = await mlflow.flush({ timeoutMs: 2_000 });
console.log(`RESULT ${JSON.stringify({ delivered, lastError: mlflow.stats().lastError ?? null })}`);
