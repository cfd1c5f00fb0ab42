/** A default reply, until the limit of automatic replies ends the chat. */

import { AssistantAgent, UserProxyAgent } from "mlflow-ag2/agents";
import { llmConfig, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const assistant = new AssistantAgent({ name: "assistant", systemMessage: "You tell a story in parts.", llmConfig: llmConfig(stage) });
  const user = new UserProxyAgent({
    name: "user",
    humanInputMode: "NEVER",
    codeExecutionConfig: false,
    defaultAutoReply: "Please continue.",
    maxConsecutiveAutoReply: 2,
  });
  return { chat: await user.initiateChat(assistant, { message: "Begin." }) };
};
