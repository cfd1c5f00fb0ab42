/** Traces one chat, unless a flag in the environment forbids it. */

import * as mlflow from "mlflow-ag2";
import { shortChat } from "../chats.js";

const trackingUri = process.argv[2] ?? "";

mlflow.autolog();
mlflow.setTrackingUri(trackingUri);
void mlflow.setExperiment("flagged");
await shortChat();
mlflow.enable(); // overrides `disable()`, not the environment variable
await shortChat();
await mlflow.flush();
const lastTraceId = mlflow.getLastActiveTraceId() ?? null;
const result = { enabled: mlflow.isEnabled(), started: mlflow.stats().started, lastTraceId };
console.log(`RESULT ${JSON.stringify(result)}`);
