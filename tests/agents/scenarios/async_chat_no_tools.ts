/** Two agents with a model each. */

import { agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const cathy = agentWithModel(server, "cathy", "You are Cathy.");
  const joe = agentWithModel(server, "joe", "You are Joe.");
  return { chat: await joe.initiateChat(cathy, { message: "Tell me a joke.", maxTurns: 2 }) };
};
