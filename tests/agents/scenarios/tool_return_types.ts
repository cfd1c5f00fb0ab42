/** The kinds of results of tools, and their text for the model. */

import { registerFunction } from "mlflow-ag2/agents";
import { agentWithoutModel, agentWithModel, type Scenario, UNTIL_TERMINATE } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const tools = {
    give_int: () => 7,
    give_float: () => 2.0,
    give_bool: () => true,
    give_none: () => {},
    give_dict: () => ({ a: [1, null, true], b: "é" }),
    give_model: () => ({ x: 1, y: 0.5 }),
  };
  const assistant = agentWithModel(server, "assistant", "You collect.");
  const user = agentWithoutModel("user", UNTIL_TERMINATE);
  for (const tool of Object.values(tools))
    registerFunction(tool, { caller: assistant, executor: user, description: "Gives something" });
  return { chat: await user.initiateChat(assistant, { message: "Collect all." }) };
};
