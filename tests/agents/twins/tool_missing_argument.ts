/** The model calls a tool without its required argument. */

import { registerFunction } from "mlflow-ag2/agents";
import { integer, object, speaker, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const double = ({ x }: { x: number }): number => 2 * x;
  const assistant = thinker(stage, "assistant", "You calculate.");
  const user = speaker("user", UNTIL_TERMINATE);
  registerFunction(double, { caller: assistant, executor: user, description: "Twice the number", parameters: object({ x: integer("a number") }) });
  return { chat: await user.initiateChat(assistant, { message: "Double 21." }) };
};
