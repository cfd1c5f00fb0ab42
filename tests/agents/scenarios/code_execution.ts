/**
 * The assistant writes Python, the user proxy runs it. The executor is a fake with Python's output,
 * because a page has no command line; the test compares the requests and replies of the agents.
 */

import { AssistantAgent, UserProxyAgent } from "mlflow-ag2/agents";
import { CodeExecutor, type CodeResult } from "mlflow-ag2/agents/executors";
import { llmConfig, type Scenario, UNTIL_TERMINATE } from "./fixtures.js";

class StandIn extends CodeExecutor {
  override executeCodeBlocks(blocks: Parameters<CodeExecutor["executeCodeBlocks"]>[0]): CodeResult {
    const isExpected =
      blocks.length === 1 && blocks[0]?.language === "python" && blocks[0].code.trim() === "print(6 * 7)";
    return isExpected
      ? { exitCode: 0, output: "42\n" }
      : { exitCode: 1, output: `unexpected: ${JSON.stringify(blocks)}` };
  }
}

export const scenario: Scenario = async (server) => {
  const assistant = new AssistantAgent({
    name: "assistant",
    systemMessage: "You write Python.",
    llmConfig: llmConfig(server),
  });
  const user = new UserProxyAgent({
    name: "user",
    humanInputMode: "NEVER",
    codeExecutionConfig: { executor: new StandIn() },
    ...UNTIL_TERMINATE,
  });
  return { chat: await user.initiateChat(assistant, { message: "Print six times seven." }) };
};
