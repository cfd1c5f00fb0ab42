/** A group chat whose manager asks a model for the next speaker, with one retry. */

import { GroupChat, GroupChatManager } from "mlflow-ag2/agents";
import { llmConfig, agentWithoutModel, agentWithModel, type Scenario, UNTIL_TERMINATE } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const admin = agentWithoutModel("Admin", { description: "The person who asks." });
  const engineer = agentWithModel(server, "Engineer", "You are the engineer of the team.", {
    description: "Builds things.",
  });
  const scientist = agentWithModel(server, "Scientist", "You are the scientist of the team.", {
    description: "Explains things.",
  });
  const groupChat = new GroupChat({
    agents: [admin, engineer, scientist],
    messages: [],
    maxRound: 8,
    allowRepeatSpeaker: false,
    sendIntroductions: true,
  });
  const manager = new GroupChatManager({ groupChat, llmConfig: llmConfig(server), ...UNTIL_TERMINATE });
  return {
    chat: await admin.initiateChat(manager, { message: "Why does ice float, and can we build a raft from it?" }),
  };
};
