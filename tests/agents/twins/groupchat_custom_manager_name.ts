/** A group chat of three in turn, whose manager may have a name of its own. */

import { GroupChat, GroupChatManager } from "mlflow-ag2/agents";
import { speaker, type Stage, thinker, type Twin } from "./stage.js";

/** Holds the chat; not given a name, the manager has the usual one. */
export async function inTurn(stage: Stage, managerName?: string) {
  const user = speaker("user");
  const planner = thinker(stage, "planner", "You plan.");
  const coder = thinker(stage, "coder", "You code.");
  const groupChat = new GroupChat({ agents: [user, planner, coder], messages: [], maxRound: 3, speakerSelectionMethod: "round_robin" });
  const manager = new GroupChatManager({ groupChat, name: managerName, llmConfig: false });
  return { chat: await user.initiateChat(manager, { message: "Make a function that reverses a list." }) };
}

export const twin: Twin = (stage) => inTurn(stage, "manager");
