/** Two entries in `configList`: the first one's server rejects the request, the second one's responds. */

import { configEntry, agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const configList = [configEntry(server, "gpt-4o"), configEntry(server, "gpt-4o-mini")];
  const assistant = agentWithModel(server, "assistant", undefined, { llmConfig: { configList } });
  return { chat: await agentWithoutModel("user").initiateChat(assistant, { message: "Hello?", maxTurns: 1 }) };
};
