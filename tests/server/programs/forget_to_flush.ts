/** Chats and ends, as a short script does that never heard of `flush()`. */

import * as mlflow from "mlflow-ag2";
import { shortChat } from "../chats.js";

const [, , trackingUri = "", experiment = ""] = process.argv;

mlflow.autolog();
mlflow.setTrackingUri(trackingUri);
mlflow.setExperiment(experiment);
await shortChat();
console.log(`RESULT ${JSON.stringify(mlflow.getLastActiveTraceId())}`);
