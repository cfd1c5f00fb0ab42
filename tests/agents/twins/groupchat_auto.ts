/** A group chat whose manager asks a model for the next speaker, once in vain. */

import { GroupChat, GroupChatManager } from "mlflow-ag2/agents";
import { llmConfig, speaker, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const admin = speaker("Admin", { description: "The person who asks." });
  const engineer = thinker(stage, "Engineer", "You are the engineer of the team.", { description: "Builds things." });
  const scientist = thinker(stage, "Scientist", "You are the scientist of the team.", { description: "Explains things." });
  const groupChat = new GroupChat({ agents: [admin, engineer, scientist], messages: [], maxRound: 8, allowRepeatSpeaker: false, sendIntroductions: true });
  const manager = new GroupChatManager({ groupChat, llmConfig: llmConfig(stage), ...UNTIL_TERMINATE });
  return { chat: await admin.initiateChat(manager, { message: "Why does ice float, and can we build a raft from it?" }) };
};
