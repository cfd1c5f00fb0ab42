/** Traces one chat, unless a flag in the environment forbids it. */

import * as mlflow from "mlflow-ag2";
import { shortChat } from "../chats.js";

const trackingUri = process.argv[2] ?? "";

mlflow.autolog();
mlflow.setTrackingUri(trackingUri);
void mlflow.setExperiment("flagged");
await shortChat();
mlflow.enable(); // takes back `disable()`, not what the environment says
await shortChat();
await mlflow.flush();
console.log(
  `RESULT ${JSON.stringify({ enabled: mlflow.isEnabled(), started: mlflow.stats().started, lastTraceId: mlflow.getLastActiveTraceId() ?? null })}`,
);
