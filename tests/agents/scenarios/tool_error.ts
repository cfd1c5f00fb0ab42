/** A tool throws; the model gets the error and calls it again. */

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
  const root = ({ x }: { x: number }): number => {
    if (x < 0) throw new RangeError(`no real root of ${x}`);
    return Math.trunc(Math.sqrt(x));
  };
  const assistant = agentWithModel(server, "assistant", "You calculate.");
  const user = agentWithoutModel("user", UNTIL_TERMINATE);
  registerFunction(root, {
    caller: assistant,
    executor: user,
    description: "The square root",
    parameters: objectSchema({ x: integerSchema("a number") }),
  });
  return { chat: await user.initiateChat(assistant, { message: "What is the root of -4, and of 4?" }) };
};
