/** A tool throws; the model reads the error and tries again. */

import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { reportChats, settings } from "./host.js";

const { trackingUri, experiment, baseUrl } = settings();

mlflow.autolog();
mlflow.setTrackingUri(trackingUri);
mlflow.setExperiment(experiment);

function root({ x }: { x: number }): number {
  if (x < 0) throw new RangeError(`no real root of ${x}`);
  return Math.floor(Math.sqrt(x));
}

const assistant = new ConversableAgent({
  name: "assistant",
  systemMessage: "You calculate.",
  llmConfig: { configList: [{ model: "gpt-4o-mini", apiKey: "test-key", baseUrl }] },
  humanInputMode: "NEVER",
});
const user = new ConversableAgent({
  name: "user",
  llmConfig: false,
  humanInputMode: "NEVER",
  isTerminationMsg: (m) => m.content?.includes("TERMINATE") === true,
});
const parameters = { type: "object", properties: { x: { type: "integer", description: "a number" } }, required: ["x"] };
assistant.registerForLlm({ description: "The square root", parameters })(root);
user.registerForExecution()(root);

const chat = await user.initiateChat(assistant, { message: "What is the root of -4, and of 4?" });

await reportChats({ chat }, await mlflow.getTrace(mlflow.getLastActiveTraceId()));
