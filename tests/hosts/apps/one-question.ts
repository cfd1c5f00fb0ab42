/** A conversation of one question that needs no server, for pages that may fetch nothing but their own files. */

import { ConversableAgent } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";

/** Asks an assistant, and returns the summary of the chat: its answer. */
export async function askOneQuestion(): Promise<string> {
  const client = new ScriptedModel([{ content: "Good, thanks." }]);
  const assistant = new ConversableAgent({
    name: "assistant",
    llmConfig: { configList: [{ model: "gpt-4o-mini", client }] },
  });
  const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });
  const { summary } = await user.initiateChat(assistant, { message: "How are you?", maxTurns: 1, silent: true });
  return String(summary);
}
