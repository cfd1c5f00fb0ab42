/** A chat with an async tool and a sync one. */

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
  const slow_double = async ({ x }: { x: number }): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return 2 * x;
  };
  const increment = ({ x }: { x: number }): number => x + 1;
  const parameters = objectSchema({ x: integerSchema("a number") });
  const assistant = agentWithModel(server, "assistant", "You calculate.");
  const user = agentWithoutModel("user", UNTIL_TERMINATE);
  registerFunction(slow_double, {
    caller: assistant,
    executor: user,
    description: "Twice the number, slowly",
    parameters,
  });
  registerFunction(increment, { caller: assistant, executor: user, description: "The number plus one", parameters });
  return { chat: await user.initiateChat(assistant, { message: "Double 20 and add one." }) };
};
