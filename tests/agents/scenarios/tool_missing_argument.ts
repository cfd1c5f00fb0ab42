/** The model calls a tool without its required argument. */

import { registerFunction } from "mlflow-ag2/agents";
import {
  integerSchema,
  objectSchema,
  agentWithoutModel,
  agentWithModel,
  type Scenario,
  UNTIL_TERMINATE,
} from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const double = ({ x }: { x: number }): number => 2 * x;
  const assistant = agentWithModel(server, "assistant", "You calculate.");
  const user = agentWithoutModel("user", UNTIL_TERMINATE);
  registerFunction(double, {
    caller: assistant,
    executor: user,
    description: "Twice the number",
    parameters: objectSchema({ x: integerSchema("a number") }),
  });
  return { chat: await user.initiateChat(assistant, { message: "Double 21." }) };
};
