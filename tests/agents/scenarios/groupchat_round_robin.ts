/** A group chat of four with round robin, ended by `maxRound`. */

import { GroupChat, GroupChatManager } from "mlflow-ag2/agents";
import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const user = agentWithoutModel("user");
  const planner = agentWithModel(server, "planner", "You plan.");
  const coder = agentWithModel(server, "coder", "You code.");
  const critic = agentWithModel(server, "critic", "You criticise.");
  const groupChat = new GroupChat({
    agents: [user, planner, coder, critic],
    messages: [],
    maxRound: 4,
    speakerSelectionMethod: "round_robin",
  });
  const manager = new GroupChatManager({ groupChat, llmConfig: false });
  return { chat: await user.initiateChat(manager, { message: "Make a function that reverses a list." }) };
};
