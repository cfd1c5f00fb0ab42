/** The two-agent calculator of MLflow's AG2 page. */

import { ConversableAgent } from "mlflow-ag2/agents";
import { integerSchema, llmConfig, objectSchema, type Scenario } from "./fixtures.js";

type Sum = { a: number; b: number; operator: "+" | "-" | "*" | "/" };

export const scenario: Scenario = async (server) => {
  const calculator = ({ a, b, operator }: Sum): number =>
    ({ "+": a + b, "-": a - b, "*": a * b, "/": Math.trunc(a / b) })[operator];
  const assistant = new ConversableAgent({
    name: "Assistant",
    systemMessage:
      "You are a helpful AI assistant. You can help with simple calculations. " +
      "Return 'TERMINATE' when the task is done.",
    llmConfig: llmConfig(server),
  });
  const userProxy = new ConversableAgent({
    name: "Tool Agent",
    llmConfig: false,
    isTerminationMsg: (message) => message.content?.includes("TERMINATE") === true,
    humanInputMode: "NEVER",
  });
  const operator = { enum: ["+", "-", "*", "/"], type: "string", description: "operator" };
  const parameters = objectSchema({ a: integerSchema("a"), b: integerSchema("b"), operator });
  assistant.registerForLlm({ name: "calculator", description: "A simple calculator", parameters })(calculator);
  userProxy.registerForExecution({ name: "calculator" })(calculator);
  return { chat: await userProxy.initiateChat(assistant, { message: "What is (44231 + 13312 / (230 - 20)) * 4?" }) };
};
