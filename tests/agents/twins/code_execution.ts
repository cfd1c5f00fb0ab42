/**
 * The assistant writes Python, the user proxy runs it. The executor is a stand-in with the output
 * that Python has, because a page has no command line; what is compared is all that agents make of it.
 */

import { AssistantAgent, UserProxyAgent } from "mlflow-ag2/agents";
import { CodeExecutor, type CodeResult } from "mlflow-ag2/agents/executors";
import { llmConfig, type Twin, UNTIL_TERMINATE } from "./stage.js";

class StandIn extends CodeExecutor {
  override executeCodeBlocks(blocks: Parameters<CodeExecutor["executeCodeBlocks"]>[0]): CodeResult {
    const isExpected = blocks.length === 1 && blocks[0]?.language === "python" && blocks[0].code.trim() === "print(6 * 7)";
    return isExpected ? { exitCode: 0, output: "42\n" } : { exitCode: 1, output: `unexpected: ${JSON.stringify(blocks)}` };
  }
}

export const twin: Twin = async (stage) => {
  const assistant = new AssistantAgent({ name: "assistant", systemMessage: "You write Python.", llmConfig: llmConfig(stage) });
  const user = new UserProxyAgent({ name: "user", humanInputMode: "NEVER", codeExecutionConfig: { executor: new StandIn() }, ...UNTIL_TERMINATE });
  return { chat: await user.initiateChat(assistant, { message: "Print six times seven." }) };
};
