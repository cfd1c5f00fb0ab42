/** Two agents with two models, two turns; the chat ends because `maxTurns` is reached. */

import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { reportChats, settings } from "./host.js";

const { trackingUri, experiment, baseUrl } = settings();
const apiKey = "test-key";

mlflow.autolog();
mlflow.setTrackingUri(trackingUri);
mlflow.setExperiment(experiment);

const cathy = new ConversableAgent({
  name: "cathy",
  systemMessage: "Your name is Cathy and you are half of a comedy duo.",
  llmConfig: { configList: [{ model: "gpt-4o-mini", apiKey, baseUrl }] },
  humanInputMode: "NEVER",
});
const joe = new ConversableAgent({
  name: "joe",
  systemMessage: "Your name is Joe and you are the other half of a comedy duo.",
  llmConfig: { configList: [{ model: "gpt-4o", temperature: 0.7, apiKey, baseUrl }] },
  humanInputMode: "NEVER",
});

const result = await joe.initiateChat(cathy, { message: "Cathy, tell me a joke.", maxTurns: 2 });

await reportChats({ chat: result }, await mlflow.getTrace(mlflow.getLastActiveTraceId()));
