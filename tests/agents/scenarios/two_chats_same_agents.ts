/** The same two agents chat twice; the second chat keeps the history. */

import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const helper = agentWithModel(server, "helper", "You help.");
  const user = agentWithoutModel("user");
  const first = await user.initiateChat(helper, { message: "My name is Ada.", maxTurns: 1 });
  const second = await user.initiateChat(helper, { message: "What is my name?", maxTurns: 1, clearHistory: false });
  return { first, second };
};
