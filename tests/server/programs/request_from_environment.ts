/** Sends one trace with the settings of the environment, without any option. */

import * as mlflow from "mlflow-ag2";

mlflow.withSpan(() => "done", { name: "one span" });
let delivered: number;
do ({ delivered } = await mlflow.flush({ timeoutMs: 500 }));
while (delivered === 0 && mlflow.stats().lastError === undefined);
console.log(`RESULT ${JSON.stringify({ delivered, lastError: mlflow.stats().lastError ?? null })}`);
