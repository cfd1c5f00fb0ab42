/** Two agents with a model each take turns. */

import { llmConfig, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const cathy = agentWithModel(server, "cathy", "Your name is Cathy and you are half of a comedy duo.");
  const joe = agentWithModel(server, "joe", "Your name is Joe and you are the other half of a comedy duo.", {
    llmConfig: llmConfig(server, "gpt-4o", { temperature: 0.7 }),
  });
  return { chat: await joe.initiateChat(cathy, { message: "Cathy, tell me a joke.", maxTurns: 2 }) };
};
