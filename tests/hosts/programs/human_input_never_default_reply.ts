/** A default reply, until the limit of consecutive replies ends the chat. */

import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { reportChats, settings } from "./host.js";

const { trackingUri, experiment, baseUrl } = settings();

mlflow.autolog();
mlflow.setTrackingUri(trackingUri);
mlflow.setExperiment(experiment);

const assistant = new ConversableAgent({
  name: "assistant",
  systemMessage: "You tell a story in parts.",
  llmConfig: { configList: [{ model: "gpt-4o-mini", apiKey: "test-key", baseUrl }] },
  humanInputMode: "NEVER",
});
const user = new ConversableAgent({
  name: "user",
  llmConfig: false,
  humanInputMode: "NEVER",
  defaultAutoReply: "Please continue.",
  maxConsecutiveAutoReply: 2,
});

const chat = await user.initiateChat(assistant, { message: "Begin." });

await reportChats({ chat }, await mlflow.getTrace(mlflow.getLastActiveTraceId()));
