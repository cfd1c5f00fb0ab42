/** A tool whose body is a chat of two other agents. */

import { registerFunction } from "mlflow-ag2/agents";
import type { CallContext } from "mlflow-ag2/agents";
import { object, speaker, text, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const expert = thinker(stage, "expert", "You are the expert.");
  const clerk = speaker("clerk");
  const consult = async ({ question }: { question: string }, context: CallContext): Promise<string> =>
    (await clerk.initiateChat(expert, { message: question, maxTurns: 1, context })).summary;

  const assistant = thinker(stage, "assistant", "You delegate.");
  const user = speaker("user", UNTIL_TERMINATE);
  registerFunction(consult, { caller: assistant, executor: user, description: "Asks the expert", parameters: object({ question: text("what to ask") }) });
  return { chat: await user.initiateChat(assistant, { message: "How deep is the sea?" }) };
};
