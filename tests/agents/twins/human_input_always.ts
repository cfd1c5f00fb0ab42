/** A person refuses a tool call, skips once, and then leaves; typed into whatever the page shows. */

import { AssistantAgent, humanInput, registerFunction, UserProxyAgent } from "mlflow-ag2/agents";
import { llmConfig, object, text, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const lines = ["No, do not delete anything.", "", "exit"];
  const assistant = new AssistantAgent({ name: "assistant", systemMessage: "You tidy up.", llmConfig: llmConfig(stage) });
  const user = new UserProxyAgent({
    name: "user",
    humanInputMode: "ALWAYS",
    codeExecutionConfig: false,
    defaultAutoReply: "(nothing)",
    getHumanInput: humanInput(({ respond }) => void setTimeout(() => respond(lines.shift() ?? "exit"), 0)),
  });
  const remove = ({ path }: { path: string }): string => `deleted ${path}`;
  registerFunction(remove, { caller: assistant, executor: user, name: "delete", description: "Deletes a file", parameters: object({ path: text("a file") }) });
  return { chat: await user.initiateChat(assistant, { message: "Tidy up my desk." }) };
};
