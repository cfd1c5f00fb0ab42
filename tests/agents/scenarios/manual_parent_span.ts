/** One question and its answer. (In Python within a manual span.) */

import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  return {
    chat: await agentWithoutModel("user").initiateChat(agentWithModel(server, "helper", "You help."), {
      message: "Hello?",
      maxTurns: 1,
    }),
  };
};
