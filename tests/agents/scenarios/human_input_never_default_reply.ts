/** Default replies, until the limit of automatic replies ends the chat. */

import { AssistantAgent, UserProxyAgent } from "mlflow-ag2/agents";
import { llmConfig, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const assistant = new AssistantAgent({
    name: "assistant",
    systemMessage: "You tell a story in parts.",
    llmConfig: llmConfig(server),
  });
  const user = new UserProxyAgent({
    name: "user",
    humanInputMode: "NEVER",
    codeExecutionConfig: false,
    defaultAutoReply: "Please continue.",
    maxConsecutiveAutoReply: 2,
  });
  return { chat: await user.initiateChat(assistant, { message: "Begin." }) };
};
