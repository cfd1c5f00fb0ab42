/** Three tool calls in one completion, two of them of the same tool. */

import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { reportChats, settings } from "./host.js";

const { trackingUri, experiment, baseUrl } = settings();

mlflow.autolog();
mlflow.setTrackingUri(trackingUri);
mlflow.setExperiment(experiment);

function weather({ city, unit = "C" }: { city: string; unit?: string }): string {
  return `${city}: 21 ${unit}`;
}

function localTime({ city }: { city: string }): string {
  return `12:00 in ${city}`;
}

const city = { type: "string", description: "the city" };
const unit = { type: "string", default: "C", description: "C or F" };

const assistant = new ConversableAgent({
  name: "assistant",
  systemMessage: "You help.",
  llmConfig: { configList: [{ model: "gpt-4o-mini", apiKey: "test-key", baseUrl }] },
  humanInputMode: "NEVER",
});
const user = new ConversableAgent({
  name: "user",
  llmConfig: false,
  humanInputMode: "NEVER",
  isTerminationMsg: (m) => (m.content ?? "").includes("TERMINATE"),
});

assistant.registerForLlm({
  name: "weather",
  description: "The weather",
  parameters: { type: "object", properties: { city, unit }, required: ["city"] },
})(weather);
assistant.registerForLlm({
  name: "local_time",
  description: "The local time",
  parameters: { type: "object", properties: { city }, required: ["city"] },
})(localTime);
user.registerForExecution({ name: "weather" })(weather);
user.registerForExecution({ name: "local_time" })(localTime);

const result = await user.initiateChat(assistant, { message: "Weather in Paris and Tokyo, time in Tokyo?" });

await reportChats({ chat: result }, await mlflow.getTrace(mlflow.getLastActiveTraceId()));
