/** The same question twice with one cache: the second answer costs nothing. */

import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const helper = agentWithModel(server, "helper", "You help.");
  const user = agentWithoutModel("user");
  const cache = new Map<string, string>();
  const first = await user.initiateChat(helper, { message: "Hello?", maxTurns: 1, cache });
  const second = await user.initiateChat(helper, { message: "Hello?", maxTurns: 1, cache });
  return { first, second };
};
