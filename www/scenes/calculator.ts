/**
 * The conversation of MLflow's AG2 page: an assistant that may ask for a calculator, and the agent
 * that runs it. The question, the prompts and the tool are the page's own; the responses of the model are
 * written down here, so that no key and no network are needed.
 */

import { type ChatResult, ConversableAgent, type LlmConfig } from "mlflow-ag2/agents";

/** The user's question. */
export const QUESTION = "What is (44231 + 13312 / (230 - 20)) * 4?";

type Operator = "+" | "-" | "*" | "/";

/** The tool. Divides without a remainder, as the page's does. */
export function calculator({ a, b, operator }: { a: number; b: number; operator: Operator }): number {
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

/** The schema of the tool's parameters. */
export const PARAMETERS = {
  type: "object",
  properties: {
    a: { type: "integer", description: "a" },
    b: { type: "integer", description: "b" },
    operator: { enum: ["+", "-", "*", "/"], type: "string", description: "operator" },
  },
  required: ["a", "b", "operator"],
};

/** Runs the conversation with the models of `llmConfig`. */
export async function holdCalculatorChat(llmConfig: LlmConfig): Promise<ChatResult> {
  const assistant = new ConversableAgent({
    name: "Assistant",
    systemMessage:
      "You are a helpful AI assistant. You can help with simple calculations. " +
      "Return 'TERMINATE' when the task is done.",
    llmConfig,
  });
  const userProxy = new ConversableAgent({
    name: "Tool Agent",
    llmConfig: false,
    humanInputMode: "NEVER",
    isTerminationMsg: (m) => m.content?.includes("TERMINATE") ?? false,
  });
  assistant.registerForLlm({ name: "calculator", description: "A simple calculator", parameters: PARAMETERS })(
    calculator,
  );
  userProxy.registerForExecution({ name: "calculator" })(calculator);
  return userProxy.initiateChat(assistant, { message: QUESTION, silent: true });
}
