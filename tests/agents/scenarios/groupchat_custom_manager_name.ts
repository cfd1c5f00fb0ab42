/** A group chat of three with round robin, whose manager may have a custom name. */

import { type ChatResult, GroupChat, GroupChatManager } from "mlflow-ag2/agents";
import { agentWithoutModel, type ModelServer, agentWithModel, type Scenario } from "./fixtures.js";

/** Runs the group chat; without `name`, the manager has the default one. */
export async function inTurn(server: ModelServer, managerName?: string): Promise<{ chat: ChatResult }> {
  const user = agentWithoutModel("user");
  const planner = agentWithModel(server, "planner", "You plan.");
  const coder = agentWithModel(server, "coder", "You code.");
  const groupChat = new GroupChat({
    agents: [user, planner, coder],
    messages: [],
    maxRound: 3,
    speakerSelectionMethod: "round_robin",
  });
  const manager = new GroupChatManager({ groupChat, name: managerName, llmConfig: false });
  return { chat: await user.initiateChat(manager, { message: "Make a function that reverses a list." }) };
}

export const scenario: Scenario = (server) => inTurn(server, "manager");
