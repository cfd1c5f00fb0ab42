/** A tool call with an integer beyond 64 bits. */

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
  // 2**70 is exact as a number of JavaScript; other integers of that size would be rounded by JSON.parse.
  const digits = ({ n }: { n: number }): number => String(BigInt(n)).length;
  const helper = agentWithModel(server, "helper", "You count digits.");
  const user = agentWithoutModel("user", UNTIL_TERMINATE);
  registerFunction(digits, {
    caller: helper,
    executor: user,
    description: "How many digits",
    parameters: objectSchema({ n: integerSchema("a number") }),
  });
  return { chat: await user.initiateChat(helper, { message: "How many digits has 2**70?" }) };
};
