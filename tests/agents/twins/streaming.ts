/** A tool call and then a text, both streamed, with usage at the end. */

import { registerFunction } from "mlflow-ag2/agents";
import { integer, llmConfig, object, speaker, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const add = ({ a, b }: { a: number; b: number }): number => a + b;
  const assistant = thinker(stage, "assistant", "You add.", { llmConfig: llmConfig(stage, undefined, { stream: true }) });
  const user = speaker("user", UNTIL_TERMINATE);
  registerFunction(add, { caller: assistant, executor: user, description: "The sum", parameters: object({ a: integer("a"), b: integer("b") }) });
  return { chat: await user.initiateChat(assistant, { message: "Add 2 and 3." }) };
};
