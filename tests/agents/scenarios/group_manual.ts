/** A person selects the next speaker by number: an invalid one, an agent, the user, and nothing. */

import { initiateGroupChat, ManualPattern } from "mlflow-ag2/agents/group";
import { agentWithModel, agentWithoutModel, llmConfig, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const prompts: string[] = [];
  const lines = ["9", "3", "4", "Is it far?", ""];
  const getHumanInput = (prompt: string): string => {
    prompts.push(prompt);
    return lines.shift() ?? "exit";
  };
  const east = agentWithModel(server, "east", "You know the east.");
  const west = agentWithModel(server, "west", "You know the west.");
  const rider = agentWithoutModel("rider", { humanInputMode: "ALWAYS", getHumanInput });
  const pattern = new ManualPattern({
    initialAgent: east,
    agents: [east, west],
    userAgent: rider,
    groupManagerOptions: { llmConfig: llmConfig(server), getHumanInput },
  });
  const [chat, , last] = await initiateGroupChat(pattern, { messages: "Which way?", maxRounds: 6 });
  return { chat, last: last.name, prompts };
};
