/** A group chat of four, speakers in turn, ended by `maxRound`. */

import { GroupChat, GroupChatManager } from "mlflow-ag2/agents";
import { speaker, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const user = speaker("user");
  const planner = thinker(stage, "planner", "You plan.");
  const coder = thinker(stage, "coder", "You code.");
  const critic = thinker(stage, "critic", "You criticise.");
  const groupChat = new GroupChat({ agents: [user, planner, coder, critic], messages: [], maxRound: 4, speakerSelectionMethod: "round_robin" });
  const manager = new GroupChatManager({ groupChat, llmConfig: false });
  return { chat: await user.initiateChat(manager, { message: "Make a function that reverses a list." }) };
};
