/** Three chats that end by turns, by a message, and by the limit of automatic replies. */

import type { ConversableAgentOptions } from "mlflow-ag2/agents";
import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const chat = (message: string, options: Partial<ConversableAgentOptions>, maxTurns?: number) =>
    agentWithoutModel("user", { defaultAutoReply: "More.", ...options }).initiateChat(
      agentWithModel(server, "helper", "You help."),
      {
        message,
        maxTurns,
      },
    );
  return {
    max_turns: await chat("Turns.", {}, 1),
    termination_message: await chat("Message.", {
      isTerminationMsg: (message) => (message.content ?? "").includes("goodbye"),
    }),
    max_consecutive_auto_reply: await chat("Replies.", { maxConsecutiveAutoReply: 1 }),
  };
};
