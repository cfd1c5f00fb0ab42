/** An async tool; its second call fails. */

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
  const half = async ({ x }: { x: number }): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (x % 2) throw new RangeError(`${x} is odd`);
    return x / 2;
  };
  const assistant = agentWithModel(server, "assistant", "You calculate.");
  const user = agentWithoutModel("user", UNTIL_TERMINATE);
  registerFunction(half, {
    caller: assistant,
    executor: user,
    description: "Half of the number",
    parameters: objectSchema({ x: integerSchema("an even number") }),
  });
  return { chat: await user.initiateChat(assistant, { message: "Half of 42?" }) };
};
