/** The calculator of MLflow's AG2 page, line for line, but for camelCase. */

import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { reportChats, settings } from "./host.js";

const { trackingUri, experiment, baseUrl } = settings();
const apiKey = "test-key";

mlflow.ag2.autolog();
mlflow.setTrackingUri(trackingUri);
mlflow.setExperiment(experiment);

type Operator = "+" | "-" | "*" | "/";

function calculator({ a, b, operator }: { a: number; b: number; operator: Operator }): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return Math.trunc(a / b);
    default:
      throw new Error("Invalid operator");
  }
}

const parameters = {
  type: "object",
  properties: {
    a: { type: "integer", description: "a" },
    b: { type: "integer", description: "b" },
    operator: { enum: ["+", "-", "*", "/"], type: "string", description: "operator" },
  },
  required: ["a", "b", "operator"],
};

const assistant = new ConversableAgent({
  name: "Assistant",
  systemMessage:
    "You are a helpful AI assistant. You can help with simple calculations. Return 'TERMINATE' when the task is done.",
  llmConfig: { configList: [{ model: "gpt-4o-mini", apiKey, baseUrl }] },
});

const userProxy = new ConversableAgent({
  name: "Tool Agent",
  llmConfig: false,
  humanInputMode: "NEVER",
  isTerminationMsg: (m) => m.content?.includes("TERMINATE") === true,
});

assistant.registerForLlm({ name: "calculator", description: "A simple calculator", parameters })(calculator);
userProxy.registerForExecution({ name: "calculator" })(calculator);

const result = await userProxy.initiateChat(assistant, { message: "What is (44231 + 13312 / (230 - 20)) * 4?" });

const trace = await mlflow.getTrace(mlflow.getLastActiveTraceId());
await reportChats({ chat: result }, trace);
