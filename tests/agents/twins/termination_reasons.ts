/** Three chats that end by turns, by a message, and by the limit of automatic replies. */

import type { ConversableAgentOptions } from "mlflow-ag2/agents";
import { speaker, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const chat = (message: string, options: Partial<ConversableAgentOptions>, maxTurns?: number) =>
    speaker("user", { defaultAutoReply: "More.", ...options }).initiateChat(thinker(stage, "helper", "You help."), { message, maxTurns });
  return {
    max_turns: await chat("Turns.", {}, 1),
    termination_message: await chat("Message.", { isTerminationMsg: (message) => (message.content ?? "").includes("goodbye") }),
    max_consecutive_auto_reply: await chat("Replies.", { maxConsecutiveAutoReply: 1 }),
  };
};
