/** A group chat whose manager asks a model for the next speaker. */

import { GroupChat, GroupChatManager } from "mlflow-ag2/agents";
import { lastWords, type Scene, speaker, thinker } from "./scene.js";

/** The scene. */
export const groupChat: Scene = {
  id: "group-chat",
  title: "Group chat",
  about: "A manager asks the model for the next speaker; each selection is a separate span.",
  script: [
    { match: { system_contains: "role play game" }, usage: [120, 2], content: "Scientist" },
    {
      match: { first_contains: "the scientist of the team" },
      usage: [50, 15],
      content: "Ice is less dense than water, so it floats.",
    },
    { match: { system_contains: "role play game" }, usage: [140, 1], content: "Engineer" },
    {
      match: { first_contains: "the engineer of the team" },
      usage: [70, 13],
      content: "Then a raft of it will do for a short trip in cold weather. TERMINATE",
    },
  ],
  hold: async (llmConfig) => {
    const admin = speaker("Admin", { description: "The person who asks." });
    const engineer = thinker("Engineer", "You are the engineer of the team. Say TERMINATE when done.", llmConfig, {
      description: "Builds things.",
    });
    const scientist = thinker("Scientist", "You are the scientist of the team.", llmConfig, {
      description: "Explains things.",
    });
    const chat = new GroupChat({
      agents: [admin, engineer, scientist],
      maxRound: 6,
      allowRepeatSpeaker: false,
      sendIntroductions: true,
    });
    const isTerminationMsg = ({ content }: { content?: unknown }): boolean =>
      typeof content === "string" && content.includes("TERMINATE");
    const manager = new GroupChatManager({ groupChat: chat, llmConfig, isTerminationMsg });
    return lastWords(
      await admin.initiateChat(manager, {
        message: "Why does ice float, and can we build a raft from it?",
        silent: true,
      }),
    );
  },
};
