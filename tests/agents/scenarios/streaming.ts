/** A tool call and then a text, both streamed, with usage at the end. */

import { registerFunction } from "mlflow-ag2/agents";
import {
  integerSchema,
  llmConfig,
  objectSchema,
  agentWithoutModel,
  agentWithModel,
  type Scenario,
  UNTIL_TERMINATE,
} from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const add = ({ a, b }: { a: number; b: number }): number => a + b;
  const assistant = agentWithModel(server, "assistant", "You add.", {
    llmConfig: llmConfig(server, undefined, { stream: true }),
  });
  const user = agentWithoutModel("user", UNTIL_TERMINATE);
  registerFunction(add, {
    caller: assistant,
    executor: user,
    description: "The sum",
    parameters: objectSchema({ a: integerSchema("a"), b: integerSchema("b") }),
  });
  return { chat: await user.initiateChat(assistant, { message: "Add 2 and 3." }) };
};
