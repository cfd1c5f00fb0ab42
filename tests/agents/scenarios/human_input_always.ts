/** A person interrupts a tool call, skips once, and then ends the conversation. */

import { AssistantAgent, humanInput, registerFunction, UserProxyAgent } from "mlflow-ag2/agents";
import { llmConfig, objectSchema, textSchema, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const lines = ["No, do not delete anything.", "", "exit"];
  const assistant = new AssistantAgent({
    name: "assistant",
    systemMessage: "You tidy up.",
    llmConfig: llmConfig(server),
  });
  const user = new UserProxyAgent({
    name: "user",
    humanInputMode: "ALWAYS",
    codeExecutionConfig: false,
    defaultAutoReply: "(nothing)",
    getHumanInput: humanInput(({ respond }) => void setTimeout(() => respond(lines.shift() ?? "exit"), 0)),
  });
  const remove = ({ path }: { path: string }): string => `deleted ${path}`;
  registerFunction(remove, {
    caller: assistant,
    executor: user,
    name: "delete",
    description: "Deletes a file",
    parameters: objectSchema({ path: textSchema("a file") }),
  });
  return { chat: await user.initiateChat(assistant, { message: "Tidy up my desk." }) };
};
